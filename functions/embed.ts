/** POST /embed and DELETE /embed/{document_id}: adds, replaces and removes documents. */
import { lambdaHandlers } from "#compose/lambda.ts";
import { limitRequests } from "#compose/rate-limit.ts";
import { embedRoutes } from "#http/embed.ts";

export const { handler } = await lambdaHandlers(async (app, parts) =>
  embedRoutes(await limitRequests(app, parts.rateLimit), await parts.ingest(), await parts.store()),
);
