/** Settings of the language model that judges a share of the answers. */
import * as z from "zod/mini";
import { number, optionalNumber } from "./fields.ts";

const judge = z.object({
  RAG_JUDGE_SAMPLE: number(0, 1, 0),
  RAG_JUDGE_MODEL: z.optional(z.string()),
  RAG_JUDGE_TIMEOUT_MS: number(100, 60_000, 10_000),
  RAG_JUDGE_USD_PER_HOUR: optionalNumber(0, 10_000),
});
export const judgeFields = judge.shape;

type Settings = z.output<typeof judge>;

export interface JudgeConfig {
  /** The share of answers that are judged, in (0, 1]. */
  sample: number;
  /** Of the server that answers. */
  model: string;
  /** Milliseconds from an answer to its judgement. */
  timeoutMs: number;
  /** US dollars that this process may spend on it in an hour; absent: any. */
  usdPerHour?: number;
}

/**
 * Missing settings, one line each, starting with the variable.
 *
 * @param chatModel the model that answers, if one is configured
 */
export function judgeProblemsOf({ RAG_JUDGE_SAMPLE }: Settings, chatModel: string | undefined): string[] {
  if (RAG_JUDGE_SAMPLE === 0 || chatModel !== undefined) return [];
  return [
    "RAG_JUDGE_SAMPLE: must be 0 without a chat model, which judges: set OPENAI_API_KEY or OPENAI_CHAT_BASE_URL.",
  ];
}

/** `undefined` when no answer is judged. */
export function toJudge(settings: Settings, chatModel: string | undefined): JudgeConfig | undefined {
  const { RAG_JUDGE_SAMPLE: sample, RAG_JUDGE_MODEL: model = chatModel, RAG_JUDGE_USD_PER_HOUR: usdPerHour } = settings;
  if (sample === 0 || model === undefined) return undefined;
  const timeoutMs = settings.RAG_JUDGE_TIMEOUT_MS;
  return { sample, model, timeoutMs, ...(usdPerHour !== undefined && { usdPerHour }) };
}
