/** Settings of the second configuration that answers a share of the questions again. */
import * as z from "zod/mini";
import { number, optionalNumber, wholeNumber } from "./fields.ts";
import type { ServicesConfig } from "./services.ts";

/** Of a question that names none. */
const DEFAULT_TOP_K = 5;
/** The built-in reranker; every other name is a model of RERANK_URL. */
const LEXICAL = "lexical-rerank";

const shadow = z.object({
  RAG_SHADOW_SAMPLE: number(0, 1, 0),
  RAG_SHADOW_MODEL: z.optional(z.string()),
  RAG_SHADOW_TOP_K: wholeNumber(1, 50),
  RAG_SHADOW_RERANKER: z.optional(z.string()),
  RAG_SHADOW_TIMEOUT_MS: number(100, 60_000, 20_000),
  RAG_SHADOW_USD_PER_HOUR: optionalNumber(0, 10_000),
});
export const shadowFields = shadow.shape;

type Settings = z.output<typeof shadow>;

export interface ShadowConfig {
  /** The share of questions that are answered again, in (0, 1]. */
  sample: number;
  /** Of the server that answers. */
  model: string;
  /** Absent: as many citations as the question wants. */
  topK?: number;
  /** "lexical-rerank", or a model of the reranker's server; absent: the one that reranks. */
  reranker?: string;
  /** Milliseconds from an answer to that of the shadow. */
  timeoutMs: number;
  /** US dollars that this process may spend on it in an hour; absent: any. */
  usdPerHour?: number;
}

/** Conflicting or missing settings, one line each, starting with the variable. */
export function shadowProblemsOf(settings: Settings, { chat, rerank }: ServicesConfig): string[] {
  if (settings.RAG_SHADOW_SAMPLE === 0) return [];
  if (!chat) {
    return [
      "RAG_SHADOW_SAMPLE: must be 0 without a chat model, which answers again: set OPENAI_API_KEY or OPENAI_CHAT_BASE_URL.",
    ];
  }
  const { RAG_SHADOW_RERANKER: reranker = LEXICAL, RAG_SHADOW_TOP_K: topK = DEFAULT_TOP_K } = settings;
  if (reranker !== LEXICAL && !rerank) {
    return [`RAG_SHADOW_RERANKER: must be ${LEXICAL} without RERANK_URL.`];
  }
  const isOtherModel = (settings.RAG_SHADOW_MODEL ?? chat.model) !== chat.model;
  if (isOtherModel || otherRerankerOf(settings, rerank) !== undefined || topK !== DEFAULT_TOP_K) return [];
  return [
    `RAG_SHADOW_SAMPLE: must be 0 unless RAG_SHADOW_MODEL or RAG_SHADOW_RERANKER is another one, or RAG_SHADOW_TOP_K not ${DEFAULT_TOP_K}.`,
  ];
}

/** `undefined` when no question is answered again. */
export function toShadow(settings: Settings, { chat, rerank }: ServicesConfig): ShadowConfig | undefined {
  const { RAG_SHADOW_SAMPLE: sample, RAG_SHADOW_MODEL: model = chat?.model } = settings;
  const { RAG_SHADOW_TOP_K: topK, RAG_SHADOW_TIMEOUT_MS: timeoutMs, RAG_SHADOW_USD_PER_HOUR: usdPerHour } = settings;
  if (sample === 0 || model === undefined) return undefined;
  const reranker = otherRerankerOf(settings, rerank);
  return {
    ...{ sample, model, timeoutMs },
    ...(topK !== undefined && { topK }),
    ...(reranker !== undefined && { reranker }),
    ...(usdPerHour !== undefined && { usdPerHour }),
  };
}

function otherRerankerOf(
  { RAG_SHADOW_RERANKER: reranker }: Settings,
  rerank: ServicesConfig["rerank"],
): string | undefined {
  return reranker === (rerank ? rerank.model : LEXICAL) ? undefined : reranker;
}
