/** What routes know of feedback: how an answer gets its token, and who takes the rating. */
import type { Context } from "hono";
import type { Answer } from "#rag/answer.ts";
import type { Call } from "#rag/ports.ts";
import type { AppEnv } from "./context.ts";

/**
 * Signs the token with which the reader of an answer can rate it.
 *
 * @param answer its trace; its span when there is one
 */
export type SignAnswer = (answer: { traceId: string; spanId?: string; sampled?: boolean }, tenant?: string) => string;

export interface Feedback {
  /** Trace id of the answer. */
  traceId: string;
  rating: 1 | -1;
  comment?: string;
  token: string;
}

/** What became of a rating; "unavailable" when it is unknown whether the answer was rated before. */
export type FeedbackOutcome = "counted" | "invalid" | "expired" | "replayed" | "unavailable";

/** Counts a rating, for the tenant of the call. Never rejects. */
export type RateAnswer = (feedback: Feedback, call: Call) => Promise<FeedbackOutcome>;

/** The field of a response with the token of its answer; none when answers cannot be rated. */
export function feedbackToken(
  c: Context<AppEnv>,
  answer: Answer,
  sign: SignAnswer | undefined,
): { feedback_token?: string } {
  if (!sign) return {};
  const { traceId, spanOf } = c.get("trace");
  return { feedback_token: sign({ traceId, ...spanOf?.(answer) }, c.get("caller")?.tenant) };
}
