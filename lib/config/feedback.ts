/** Settings for readers' ratings of answers. */
import * as z from "zod/mini";
import { wholeNumber } from "./fields.ts";

/** As many hex digits as 128 bits have. */
export const MIN_SECRET_LENGTH = 32;
const DEFAULT_SECONDS = 60 * 60;
const MAX_SECONDS = 7 * 24 * 60 * 60;

const feedback = z.object({
  RAG_FEEDBACK_SECRET: z.optional(
    z
      .string()
      .check(
        z.minLength(
          MIN_SECRET_LENGTH,
          `must have at least ${MIN_SECRET_LENGTH} characters; create one with openssl rand -hex 32`,
        ),
      ),
  ),
  RAG_FEEDBACK_SECONDS: wholeNumber(1, MAX_SECONDS),
});
export const feedbackFields = feedback.shape;

type Settings = z.output<typeof feedback>;

export interface FeedbackConfig {
  /** Signs the tokens that answers come with. */
  secret: string;
  /** How long an answer can be rated. */
  seconds: number;
}

/** Missing settings, one line each, starting with the variable. */
export function feedbackProblemsOf({ RAG_FEEDBACK_SECRET, RAG_FEEDBACK_SECONDS }: Settings): string[] {
  if (RAG_FEEDBACK_SECONDS === undefined || RAG_FEEDBACK_SECRET) return [];
  return ["RAG_FEEDBACK_SECRET: must be set when RAG_FEEDBACK_SECONDS is set."];
}

/** `undefined` when answers cannot be rated. */
export function toFeedback({
  RAG_FEEDBACK_SECRET: secret,
  RAG_FEEDBACK_SECONDS,
}: Settings): FeedbackConfig | undefined {
  return secret === undefined ? undefined : { secret, seconds: RAG_FEEDBACK_SECONDS ?? DEFAULT_SECONDS };
}
