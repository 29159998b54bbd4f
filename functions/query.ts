/** POST /query: answers a question from the documents, with citations. */
import { lambdaHandler } from "#compose/lambda.ts";
import { queryRoute } from "#http/query.ts";

export const handler = await lambdaHandler(async (app, parts) => queryRoute(app, await parts.answer()));
