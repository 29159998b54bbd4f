/** Settings of the services that replace the embedded parts. */
import * as z from "zod/mini";
import { httpUrl, optionalNumber, optionalOneOf, rate, wholeNumber } from "./fields.ts";
import { type ConfiguredPrice, prices } from "./prices.ts";

/** Default vector sizes of known models. */
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
  OPENAI_EMBEDDING_DIMENSIONS: wholeNumber(1, 16_384),
  OPENAI_CHAT_MODEL: z._default(z.string(), "gpt-6-luna"),
  OPENAI_REASONING_EFFORT: optionalOneOf(["none", "minimal", "low", "medium", "high", "xhigh", "max"]),
  OPENAI_MAX_OUTPUT: wholeNumber(16, 128_000),
  OPENAI_TEMPERATURE: optionalNumber(0, 2),
  OPENAI_PRICES: z.optional(prices),
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
export interface ServicesConfig {
  /** Embeds and generates. */
  openai?: {
    apiKey?: string;
    baseURL?: string;
    embeddingModel: string;
    /** Size of the embedding model's vectors. */
    dimensions: number;
    chatModel: string;
    /** Absent: the model's default in `#providers/openai/reasoning.ts`. */
    reasoningEffort?: NonNullable<Settings["OPENAI_REASONING_EFFORT"]>;
    /** Tokens of an answer, without those of reasoning. */
    maxTokens?: number;
    temperature?: number;
    /** By the model's name; they go before the price table. */
    prices?: ReadonlyMap<string, ConfiguredPrice>;
  };
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
  const { OPENAI_EMBEDDING_MODEL: model } = settings;
  const problems: string[] = [];
  if (usesOpenAI(settings) && settings.OPENAI_EMBEDDING_DIMENSIONS === undefined && !DIMENSIONS.has(model)) {
    problems.push("OPENAI_EMBEDDING_DIMENSIONS: must be set to the vector size of OPENAI_EMBEDDING_MODEL.");
  }
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
 * The variables of services that are required on Lambda and not set. Reranking is not required: the embedded reranker runs
 * on Lambda too.
 */
export function missingOf(settings: Settings): string[] {
  return [
    ...(usesOpenAI(settings) ? [] : ["OPENAI_API_KEY"]),
    ...(settings.QDRANT_URL ? [] : ["QDRANT_URL"]),
    ...(settings.UPSTASH_REDIS_REST_URL ? [] : ["UPSTASH_REDIS_REST_URL"]),
  ];
}

/** @param settings without problems, see {@link problemsOf} */
export function toServices(settings: Settings): ServicesConfig {
  const { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseURL, OPENAI_EMBEDDING_MODEL: embeddingModel } = settings;
  const { QDRANT_URL, QDRANT_API_KEY, UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN } = settings;
  const { RAG_RATE_LIMIT: rateLimit, RAG_ANSWER_CACHE_SECONDS: answerSeconds } = settings;
  const { RERANK_URL, RERANK_API_KEY, RERANK_MODEL } = settings;
  const { OPENAI_REASONING_EFFORT: reasoningEffort, OPENAI_MAX_OUTPUT: maxTokens } = settings;
  const { OPENAI_TEMPERATURE: temperature } = settings;
  const dimensions = settings.OPENAI_EMBEDDING_DIMENSIONS ?? DIMENSIONS.get(embeddingModel) ?? 0;
  return {
    ...(usesOpenAI(settings) && {
      openai: {
        ...(apiKey && { apiKey }),
        ...(baseURL && { baseURL }),
        embeddingModel,
        dimensions,
        chatModel: settings.OPENAI_CHAT_MODEL,
        ...(reasoningEffort && { reasoningEffort }),
        ...(maxTokens !== undefined && { maxTokens }),
        ...(temperature !== undefined && { temperature }),
        ...(settings.OPENAI_PRICES && { prices: settings.OPENAI_PRICES }),
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

/** A self-hosted server may need no key. */
function usesOpenAI({ OPENAI_API_KEY, OPENAI_BASE_URL }: Settings): boolean {
  return OPENAI_API_KEY !== undefined || OPENAI_BASE_URL !== undefined;
}
