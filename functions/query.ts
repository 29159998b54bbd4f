/** POST /query: answers a question from the documents, with citations, or as a stream. POST /search: citations alone. POST /feedback. */
import { judgeAnswers } from "#compose/judge.ts";
import { createLambdaHandlers } from "#compose/lambda.ts";
import { addRateLimit } from "#compose/rate-limit.ts";
import { shadowAnswers } from "#compose/shadow.ts";
import { addQuestionRoutes } from "./routes/query.ts";

/** A request passes through the lines of this function from top to bottom. */
export const { handler, stream } = await createLambdaHandlers(async (app, parts) => {
  // app (#http/app.ts): server span → deadline → CORS → API key
  await addRateLimit(app, parts.rateLimit); // 429 when the caller is over its limit
  await addQuestionRoutes(app, parts); // validate → pipeline → respond
  await judgeAnswers(parts); // after the response: a share of the answers by a language model, if one is set to
  await shadowAnswers(parts); // after the response: a share of the questions again by another configuration, if one is set
  // then (#compose/lambda.ts): flush telemetry
});
