/** Settings of the services that replace the embedded parts. */
import * as z from "zod/mini";
import { httpUrl, rate, wholeNumber } from "./fields.ts";
import { type ModelsConfig, missingModelsOf, modelFields, modelProblemsOf, OPENAI, toModels } from "./models.ts";

const MAX_ANSWER_SECONDS = 30 * 24 * 60 * 60;

const services = z.object({
  ...modelFields,
  QDRANT_URL: z.optional(httpUrl),
  QDRANT_API_KEY: z.optional(z.string()),
  QDRANT_COLLECTION: z._default(z.string(), "edge-rag"),
  UPSTASH_REDIS_REST_URL: z.optional(httpUrl),
  UPSTASH_REDIS_REST_TOKEN: z.optional(z.string()),
  RAG_RATE_LIMIT: z.optional(rate),
  RAG_ANSWER_CACHE_SECONDS: wholeNumber(1, MAX_ANSWER_SECONDS),
  RERANK_URL: z.optional(httpUrl),
  RERANK_API_KEY: z.optional(z.string()),
  RERANK_MODEL: z.optional(z.string()),
});
export const serviceFields = services.shape;

type Settings = z.output<typeof services>;

/** The configured services. For each that is absent, the embedded part is used. */
export interface ServicesConfig extends ModelsConfig {
  /** Stores and searches. */
  qdrant?: { url: string; apiKey?: string; collection: string };
  /** Caches embeddings. */
  upstash?: {
    url: string;
    token: string;
    /** Rate limit per caller. */
    rateLimit?: { requests: number; windowMs: number };
    /** Time to live of cached answers; absent: answers are not cached. */
    answerSeconds?: number;
  };
  /** Reranks. `model` is absent for a server with a single model. */
  rerank?: { url: string; apiKey?: string; model?: string };
}

/** Conflicting or missing settings, one line each, starting with the variable. */
export function problemsOf(settings: Settings): string[] {
  const problems = modelProblemsOf(settings);
  const requires = (name: keyof Settings, required: keyof Settings) => {
    if (settings[name] && !settings[required]) problems.push(`${required}: must be set when ${name} is set.`);
  };
  requires("QDRANT_API_KEY", "QDRANT_URL");
  requires("UPSTASH_REDIS_REST_TOKEN", "UPSTASH_REDIS_REST_URL");
  requires("UPSTASH_REDIS_REST_URL", "UPSTASH_REDIS_REST_TOKEN");
  requires("RAG_RATE_LIMIT", "UPSTASH_REDIS_REST_URL");
  requires("RAG_ANSWER_CACHE_SECONDS", "UPSTASH_REDIS_REST_URL");
  // Without Qdrant each machine has its own store, but the cached answers would be shared.
  requires("RAG_ANSWER_CACHE_SECONDS", "QDRANT_URL");
  requires("RERANK_API_KEY", "RERANK_URL");
  requires("RERANK_MODEL", "RERANK_URL");
  return problems;
}

/**
 * The services that are required where the functions are deployed and not set, one line each, starting with the variable.
 * Reranking is not required: the embedded reranker runs there too.
 *
 * @param where "on Lambda"
 */
export function missingOf(settings: Settings, where: string): string[] {
  const missing = (["QDRANT_URL", "UPSTASH_REDIS_REST_URL"] as const).filter((name) => !settings[name]);
  return [...missingModelsOf(settings, where), ...missing.map((name) => `${name}: must be set ${where}.`)];
}

/** @param settings without problems, see {@link problemsOf} */
export function toServices(settings: Settings): ServicesConfig {
  const { QDRANT_URL, QDRANT_API_KEY, UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN } = settings;
  const { RAG_RATE_LIMIT: rateLimit, RAG_ANSWER_CACHE_SECONDS: answerSeconds } = settings;
  const { RERANK_URL, RERANK_API_KEY, RERANK_MODEL } = settings;
  return {
    ...toModels(settings),
    ...(QDRANT_URL && {
      qdrant: {
        url: QDRANT_URL,
        collection: settings.QDRANT_COLLECTION,
        ...(QDRANT_API_KEY && { apiKey: QDRANT_API_KEY }),
      },
    }),
    ...(UPSTASH_REDIS_REST_URL &&
      UPSTASH_REDIS_REST_TOKEN && {
        upstash: {
          url: UPSTASH_REDIS_REST_URL,
          token: UPSTASH_REDIS_REST_TOKEN,
          ...(rateLimit && { rateLimit }),
          ...(answerSeconds !== undefined && { answerSeconds }),
        },
      }),
    ...(RERANK_URL && {
      rerank: {
        url: RERANK_URL,
        ...(RERANK_API_KEY && { apiKey: RERANK_API_KEY }),
        ...(RERANK_MODEL && { model: RERANK_MODEL }),
      },
    }),
  };
}

/** The services that a query calls, without Qdrant, to which its client connects by itself. */
export function urlsOfQuery({ embedding, chat, upstash, rerank }: ServicesConfig): string[] {
  const servers = [embedding, chat].flatMap((server) => (server ? [server.baseURL ?? OPENAI] : []));
  return [...servers, ...[upstash, rerank].flatMap((service) => service?.url ?? [])];
}
