/** POST /query: answers a question from the documents, with citations; `stream` sends the answer as it is made. */
import { lambdaHandlers } from "#compose/lambda.ts";
import { limitRequests } from "#compose/rate-limit.ts";
import { queryRoute } from "#http/routes/query.ts";

export const { handler, stream } = await lambdaHandlers(async (app, parts) =>
  queryRoute(await limitRequests(app, parts.rateLimit), await parts.answer()),
);
