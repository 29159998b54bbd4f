/** Settings of the services that take the place of the embedded parts. */
import * as z from "zod/mini";
import { httpUrl, rate } from "./fields.ts";

/** Sizes of the vectors of models that have but one, or a usual one. */
const DIMENSIONS: ReadonlyMap<string, number> = new Map([
  ["text-embedding-3-small", 1536],
  ["text-embedding-3-large", 3072],
  ["text-embedding-ada-002", 1536],
]);

const MAX_ANSWER_SECONDS = 30 * 24 * 60 * 60;

const services = z.object({
  OPENAI_API_KEY: z.optional(z.string()),
  OPENAI_BASE_URL: z.optional(httpUrl),
  OPENAI_EMBEDDING_MODEL: z._default(z.string(), "text-embedding-3-small"),
  OPENAI_EMBEDDING_DIMENSIONS: z.optional(
    z.coerce.number({ error: "must be a number" }).check(z.int("must be a whole number"), z.gte(1), z.lte(16_384)),
  ),
  OPENAI_CHAT_MODEL: z._default(z.string(), "gpt-4o-mini"),
  QDRANT_URL: z.optional(httpUrl),
  QDRANT_API_KEY: z.optional(z.string()),
  QDRANT_COLLECTION: z._default(z.string(), "edge-rag"),
  UPSTASH_REDIS_REST_URL: z.optional(httpUrl),
  UPSTASH_REDIS_REST_TOKEN: z.optional(z.string()),
  RAG_RATE_LIMIT: z.optional(rate),
  RAG_ANSWER_CACHE_SECONDS: z.optional(
    z.coerce
      .number({ error: "must be a number" })
      .check(z.int("must be a whole number"), z.gte(1), z.lte(MAX_ANSWER_SECONDS)),
  ),
  RERANK_URL: z.optional(httpUrl),
  RERANK_API_KEY: z.optional(z.string()),
  RERANK_MODEL: z.optional(z.string()),
});
export const serviceFields = services.shape;

type Settings = z.output<typeof services>;

/** Each is absent where the embedded part does its work. */
export interface ServicesConfig {
  /** Embeds and answers. */
  openai?: {
    apiKey?: string;
    baseURL?: string;
    embeddingModel: string;
    /** Of the embedding model's vectors. */
    dimensions: number;
    chatModel: string;
  };
  /** Stores and searches. */
  qdrant?: { url: string; apiKey?: string; collection: string };
  /** Caches embeddings. */
  upstash?: {
    url: string;
    token: string;
    /** Counts requests: at most so many of a caller in a window. */
    rateLimit?: { requests: number; windowMs: number };
    /** Caches answers for so long. */
    answerSeconds?: number;
  };
  /** Reranks. Without a model the server has but one. */
  rerank?: { url: string; apiKey?: string; model?: string };
}

/** What is missing or does not go together, a line each, named by its variable. */
export function problemsOf(settings: Settings): string[] {
  const { OPENAI_EMBEDDING_MODEL: model, UPSTASH_REDIS_REST_URL: url, UPSTASH_REDIS_REST_TOKEN: token } = settings;
  const problems: string[] = [];
  if (usesOpenAI(settings) && settings.OPENAI_EMBEDDING_DIMENSIONS === undefined && !DIMENSIONS.has(model)) {
    problems.push("OPENAI_EMBEDDING_DIMENSIONS: must be set for a model whose size is not known.");
  }
  if (settings.QDRANT_API_KEY && !settings.QDRANT_URL) problems.push("QDRANT_URL: must be set with QDRANT_API_KEY.");
  if (token && !url) problems.push("UPSTASH_REDIS_REST_URL: must be set with UPSTASH_REDIS_REST_TOKEN.");
  if (url && !token) problems.push("UPSTASH_REDIS_REST_TOKEN: must be set with UPSTASH_REDIS_REST_URL.");
  for (const name of ["RAG_RATE_LIMIT", "RAG_ANSWER_CACHE_SECONDS"] as const) {
    if (settings[name] !== undefined && !url) problems.push(`UPSTASH_REDIS_REST_URL: must be set with ${name}.`);
  }
  for (const name of ["RERANK_API_KEY", "RERANK_MODEL"] as const) {
    if (settings[name] && !settings.RERANK_URL) problems.push(`RERANK_URL: must be set with ${name}.`);
  }
  return problems;
}

/**
 * Services that a deployment has to have and does not: the variables that would name them. Not reranking: the embedded
 * part needs nothing that Lambda lacks.
 */
export function missingOf(settings: Settings): string[] {
  return [
    ...(usesOpenAI(settings) ? [] : ["OPENAI_API_KEY"]),
    ...(settings.QDRANT_URL ? [] : ["QDRANT_URL"]),
    ...(settings.UPSTASH_REDIS_REST_URL ? [] : ["UPSTASH_REDIS_REST_URL"]),
  ];
}

/** Of settings without {@link problemsOf}. */
export function toServices(settings: Settings): ServicesConfig {
  const { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseURL, OPENAI_EMBEDDING_MODEL: embeddingModel } = settings;
  const { QDRANT_URL, QDRANT_API_KEY, UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN } = settings;
  const { RAG_RATE_LIMIT: rateLimit, RAG_ANSWER_CACHE_SECONDS: answerSeconds } = settings;
  const { RERANK_URL, RERANK_API_KEY, RERANK_MODEL } = settings;
  const dimensions = settings.OPENAI_EMBEDDING_DIMENSIONS ?? DIMENSIONS.get(embeddingModel) ?? 0;
  return {
    ...(usesOpenAI(settings) && {
      openai: {
        ...(apiKey && { apiKey }),
        ...(baseURL && { baseURL }),
        embeddingModel,
        dimensions,
        chatModel: settings.OPENAI_CHAT_MODEL,
      },
    }),
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

/** A server of one's own may ask for no key. */
function usesOpenAI({ OPENAI_API_KEY, OPENAI_BASE_URL }: Settings): boolean {
  return OPENAI_API_KEY !== undefined || OPENAI_BASE_URL !== undefined;
}
