import type OpenAI from "openai";
import { addressOf, isOpenAI } from "./client.ts";

/**
 * Texts per request that services take at most, by host. Sources: https://ai.google.dev/gemini-api/docs/embeddings and
 * https://help.aliyun.com/zh/model-studio/text-embedding-synchronous-api
 */
const LIMITS: readonly (readonly [host: RegExp, maxTexts: number])[] = [
  [/(?:^|\.)googleapis\.com$/, 100],
  [/(?:^|\.)aliyuncs\.com$/, 10],
];
/**
 * TEI takes no more by default, and a model on a CPU needs seconds for as many. When a request fails, all of its texts are
 * embedded again.
 */
const DEFAULT_TEXTS = 32;

/** @param configured texts per request; by default what the service is known to take */
export function batchLimitsOf(client: OpenAI, configured: number | undefined): { maxTexts?: number } {
  if (configured !== undefined) return { maxTexts: configured };
  if (isOpenAI(client)) return {};
  return { maxTexts: LIMITS.find(([host]) => host.test(addressOf(client)))?.[1] ?? DEFAULT_TEXTS };
}
