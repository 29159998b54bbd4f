import { estimateTokenCount } from "tokenx";

/**
 * Estimates a text's number of tokens without a tokenizer's vocabulary (megabytes). Compared with OpenAI's o200k_base:
 * 2 % too high on 240 paragraphs of XQuAD, where 90 % of the estimates are between 0.91 and 1.17 of the true number, and
 * 4 % too high on Markdown READMEs. Too low, down to a quarter, only for walls of links and badges.
 */
export function countTokens(text: string): number {
  return estimateTokenCount(text);
}
