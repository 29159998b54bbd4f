import type { Call } from "#rag/ports.ts";
import type { FeedbackTokens, RatedAnswer } from "./feedback-token.ts";

/** What a reader says about an answer. */
export interface Feedback {
  /** Trace id of the answer. */
  traceId: string;
  /** 1 is helpful, -1 is not. */
  rating: 1 | -1;
  comment?: string;
  /** The token that the answer came with. */
  token: string;
}

export type FeedbackResult =
  | { outcome: "counted"; answer: RatedAnswer }
  /** The token is not one of this answer and tenant, it is too old, or the answer was rated before. */
  | { outcome: "invalid" | "expired" | "replayed" };

/**
 * Checks a rating of an answer; the call has the tenant.
 *
 * @throws what {@link RatedAnswers} throws: then it is not counted
 */
export type RateAnswer = (feedback: Feedback, call?: Call) => Promise<FeedbackResult>;

/** Remembers which answers were rated. */
export interface RatedAnswers {
  /**
   * Returns whether the answer is new: of any number of calls for one, also concurrent ones, a single call gets true.
   * Rejects when that is unknown.
   *
   * @param ttlMs milliseconds after which it may be forgotten
   */
  add(id: string, ttlMs: number, call?: Call): Promise<boolean>;
}

/** The clocks of two environments differ by less: an answer is remembered until its token has expired for both. */
const MAX_SKEW_MS = 5 * 60_000;

/** @param now milliseconds since 1970 */
export function createRateAnswer(
  tokens: Pick<FeedbackTokens, "check">,
  rated: RatedAnswers,
  now: () => number = Date.now,
): RateAnswer {
  return async ({ traceId, token }, call) => {
    const checked = tokens.check(token, call?.tenant);
    if (checked.outcome !== "valid") return { outcome: checked.outcome };
    const { answer, expiresAt } = checked;
    if (answer.traceId !== traceId) return { outcome: "invalid" };
    const isNew = await rated.add(`${traceId}-${answer.spanId}`, expiresAt - now() + MAX_SKEW_MS, call);
    return isNew ? { outcome: "counted", answer } : { outcome: "replayed" };
  };
}
