import { parseBody, readJson } from "#http/body.ts";
import type { App } from "#http/context.ts";
import type { FeedbackOutcome, RateAnswer } from "#http/feedback.ts";
import { RequestError } from "#http/problem.ts";
import { feedbackRequest } from "#http/schemas/feedback.ts";
import type { FeedbackResponse } from "#http/schemas/responses.ts";

/** A comment of 2,000 characters has at most 12,000 bytes, each character escaped. */
const MAX_BYTES = 16_384;

/**
 * Adds `POST /feedback`: validate → check the token → count.
 *
 * @param rate absent when answers cannot be rated: the response then says what to set
 */
export function addFeedbackRoute(app: App, rate: RateAnswer | undefined): void {
  app.post("/feedback", async (c) => {
    if (!rate) throw new RequestError(404, "This service takes no feedback: its RAG_FEEDBACK_SECRET is not set.");
    const { trace_id, rating, comment, token } = await readJson(c.req.raw, parseFeedback);
    const feedback = { traceId: trace_id, rating, token, ...(comment !== undefined && { comment }) };
    const outcome = await rate(feedback, c.get("call"));
    if (outcome !== "counted") throw refusalOf(outcome);
    const response: FeedbackResponse = { trace_id: c.get("trace").traceId };
    return c.json(response);
  });
}

function parseFeedback(bytes: Uint8Array) {
  if (bytes.byteLength > MAX_BYTES) {
    throw new RequestError(413, `The body has more than ${MAX_BYTES.toLocaleString("en")} bytes.`);
  }
  return parseBody(bytes, feedbackRequest);
}

function refusalOf(outcome: Exclude<FeedbackOutcome, "counted">): RequestError {
  switch (outcome) {
    case "invalid":
      return new RequestError(403, "The token is not that of this answer, or the answer was another tenant's.");
    case "expired":
      return new RequestError(403, "The token has expired: the answer can no longer be rated.");
    case "replayed":
      return new RequestError(409, "This answer has already been rated.");
    case "unavailable":
      return new RequestError(503, "This rating was not counted: the service that remembers ratings is unavailable.", {
        headers: { "retry-after": "5" },
      });
  }
}
