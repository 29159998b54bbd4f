import { estimateTokenCount } from "tokenx";

/**
 * Estimates a text's tokens without a tokenizer's vocabulary (megabytes). Against OpenAI's o200k_base: 2 % too many
 * on 240 paragraphs of XQuAD, where nine in ten estimates are between 0.91 and 1.17 of the truth, and 4 % too many
 * on Markdown READMEs. Too low, down to a quarter, only on walls of links and badges.
 */
export function countTokens(text: string): number {
  return estimateTokenCount(text);
}
