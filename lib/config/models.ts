/** Settings of the models that a server with OpenAI's API serves: one embeds, one writes answers. */
import * as z from "zod/mini";
import { httpUrl, optionalNumber, optionalOneOf, wholeNumber } from "./fields.ts";
import { type ConfiguredPrice, prices } from "./prices.ts";

/** Default vector sizes of known models. */
const DIMENSIONS: ReadonlyMap<string, number> = new Map([
  ["text-embedding-3-small", 1536],
  ["text-embedding-3-large", 3072],
  ["text-embedding-ada-002", 1536],
]);
export const OPENAI = "https://api.openai.com/v1";
/** The value of a prefix that means none: an empty setting counts as unset. */
const NO_PREFIX = "none";

const models = z.object({
  OPENAI_API_KEY: z.optional(z.string()),
  OPENAI_BASE_URL: z.optional(httpUrl),
  OPENAI_API_VERSION: z.optional(z.string()),
  OPENAI_EMBEDDING_API_KEY: z.optional(z.string()),
  OPENAI_EMBEDDING_BASE_URL: z.optional(httpUrl),
  OPENAI_EMBEDDING_MODEL: z._default(z.string(), "text-embedding-3-small"),
  OPENAI_EMBEDDING_DIMENSIONS: wholeNumber(1, 16_384),
  OPENAI_EMBEDDING_BATCH_SIZE: wholeNumber(1, 2_048),
  OPENAI_EMBEDDING_QUERY_PREFIX: z.optional(z.string()),
  OPENAI_EMBEDDING_DOCUMENT_PREFIX: z.optional(z.string()),
  OPENAI_CHAT_API_KEY: z.optional(z.string()),
  OPENAI_CHAT_BASE_URL: z.optional(httpUrl),
  OPENAI_CHAT_MODEL: z._default(z.string(), "gpt-6-luna"),
  OPENAI_REASONING_EFFORT: optionalOneOf(["none", "minimal", "low", "medium", "high", "xhigh", "max"]),
  OPENAI_MAX_OUTPUT: wholeNumber(16, 128_000),
  OPENAI_TEMPERATURE: optionalNumber(0, 2),
  OPENAI_PRICES: z.optional(prices),
  RAG_LOCAL_MODEL: z.optional(z.string()),
});
export const modelFields = models.shape;

type Settings = z.output<typeof models>;

/** A server with OpenAI's API. */
export interface ModelServer {
  /** Absent for a server without authentication. */
  apiKey?: string;
  /** Absent: OpenAI's own. */
  baseURL?: string;
  /** Of Azure's classic API. */
  apiVersion?: string;
}

export interface ModelsConfig {
  /** Embeds. */
  embedding?: ModelServer & {
    model: string;
    /** Size of the model's vectors. */
    dimensions: number;
    /** Texts per request; absent: what the server is known to take. */
    batchSize?: number;
    /** Put before each question; absent: what the model is known to expect. */
    queryPrefix?: string;
    /** Put before each chunk; absent: what the model is known to expect. */
    passagePrefix?: string;
  };
  /** Folder of a model that embeds in this process, in place of the one that comes with the packages. */
  localModel?: string;
  /** Writes answers. */
  chat?: ModelServer & {
    model: string;
    /** Absent: the model's default in `#providers/openai/reasoning.ts`. */
    reasoningEffort?: NonNullable<Settings["OPENAI_REASONING_EFFORT"]>;
    /** Tokens of an answer, without those of reasoning. */
    maxTokens?: number;
    temperature?: number;
  };
  /** By the model's name; they go before the price table. Absent without a model that could cost something. */
  prices?: ReadonlyMap<string, ConfiguredPrice>;
}

/** Conflicting or missing settings, one line each, starting with the variable. */
export function modelProblemsOf(settings: Settings): string[] {
  const { OPENAI_EMBEDDING_MODEL: model, OPENAI_EMBEDDING_DIMENSIONS: dimensions } = settings;
  const isServed = serverOf(settings, "EMBEDDING") !== undefined;
  if (isServed && settings.RAG_LOCAL_MODEL) {
    return ["RAG_LOCAL_MODEL: must not be set when a server embeds; set OPENAI_CHAT_... for one that only answers."];
  }
  if (!isServed || dimensions !== undefined || DIMENSIONS.has(model)) return [];
  return ["OPENAI_EMBEDDING_DIMENSIONS: must be set to the vector size of OPENAI_EMBEDDING_MODEL."];
}

/**
 * What is required where the functions are deployed and not set, one line each, starting with the variable.
 *
 * @param where "on Lambda"
 */
export function missingModelsOf(settings: Settings, where: string): string[] {
  const missing = (["EMBEDDING", "CHAT"] as const).filter((name) => !serverOf(settings, name));
  if (missing.length === 2) return [`OPENAI_API_KEY: must be set ${where}.`];
  return missing.map(
    (name) => `OPENAI_${name}_API_KEY: must be set ${where}, or OPENAI_${name}_BASE_URL for a server without keys.`,
  );
}

/** @param settings without problems, see {@link modelProblemsOf} */
export function toModels(settings: Settings): ModelsConfig {
  const { OPENAI_EMBEDDING_MODEL: model, OPENAI_EMBEDDING_BATCH_SIZE: batchSize } = settings;
  const { OPENAI_REASONING_EFFORT: reasoningEffort, OPENAI_MAX_OUTPUT: maxTokens } = settings;
  const { OPENAI_TEMPERATURE: temperature } = settings;
  const queryPrefix = prefixOf(settings.OPENAI_EMBEDDING_QUERY_PREFIX);
  const passagePrefix = prefixOf(settings.OPENAI_EMBEDDING_DOCUMENT_PREFIX);
  const embedding = serverOf(settings, "EMBEDDING");
  const chat = serverOf(settings, "CHAT");
  return {
    ...(embedding && {
      embedding: {
        ...embedding,
        model,
        dimensions: settings.OPENAI_EMBEDDING_DIMENSIONS ?? DIMENSIONS.get(model) ?? 0,
        ...(batchSize !== undefined && { batchSize }),
        ...(queryPrefix !== undefined && { queryPrefix }),
        ...(passagePrefix !== undefined && { passagePrefix }),
      },
    }),
    ...(settings.RAG_LOCAL_MODEL && { localModel: settings.RAG_LOCAL_MODEL }),
    ...(chat && {
      chat: {
        ...chat,
        model: settings.OPENAI_CHAT_MODEL,
        ...(reasoningEffort && { reasoningEffort }),
        ...(maxTokens !== undefined && { maxTokens }),
        ...(temperature !== undefined && { temperature }),
      },
    }),
    ...((embedding || chat) && settings.OPENAI_PRICES && { prices: settings.OPENAI_PRICES }),
  };
}

/**
 * The server of one of the models; `undefined` when none is configured. The common key only goes to the common address: a
 * model with an address of its own has a key of its own, or none.
 */
function serverOf(settings: Settings, name: "EMBEDDING" | "CHAT"): ModelServer | undefined {
  const { OPENAI_API_KEY: commonKey, OPENAI_BASE_URL: commonURL, OPENAI_API_VERSION: apiVersion } = settings;
  const { [`OPENAI_${name}_API_KEY` as const]: ownKey, [`OPENAI_${name}_BASE_URL` as const]: ownURL } = settings;
  if ([commonKey, commonURL, ownKey, ownURL].every((setting) => setting === undefined)) return undefined;
  const baseURL = ownURL ?? commonURL;
  const isCommon = ownURL === undefined || originOf(ownURL) === originOf(commonURL ?? OPENAI);
  const apiKey = ownKey ?? (isCommon ? commonKey : undefined);
  return { ...(apiKey && { apiKey }), ...(baseURL && { baseURL }), ...(apiVersion && { apiVersion }) };
}

function originOf(url: string): string {
  return new URL(url).origin;
}

function prefixOf(setting: string | undefined): string | undefined {
  return setting === NO_PREFIX ? "" : setting;
}
