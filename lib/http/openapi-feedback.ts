import { body, errorResponses, inputSchema, type Json, json, KEYED, outputSchema, problem } from "./openapi-parts.ts";
import { feedbackRequest } from "./schemas/feedback.ts";
import { feedbackResponse } from "./schemas/responses.ts";

/** Ratings of answers in the OpenAPI document. */
export const feedbackPaths: Json = {
  "/feedback": {
    post: {
      operationId: "rateAnswer",
      ...KEYED,
      summary: "Rate an answer",
      requestBody: body("FeedbackRequest"),
      responses: {
        ...errorResponses({ hasBody: true, writes: false }),
        200: json("FeedbackResponse", "The rating was taken."),
        403: problem("The token is not one of this answer and this key's tenant, or has expired."),
        404: problem("Answers cannot be rated: `RAG_FEEDBACK_SECRET` is not set."),
        409: problem("The answer has already been rated."),
        413: problem("The body is over 16 KiB."),
        503: problem("What remembers the rated answers is unavailable: the rating was not counted."),
      },
    },
  },
};

export const feedbackSchemas: Json = {
  FeedbackRequest: inputSchema(feedbackRequest),
  FeedbackResponse: outputSchema(feedbackResponse),
};
