/** POST /embed and DELETE /embed/{document_id}: adds, replaces and removes documents. Also takes POST /embed from a queue. */
import { lambdaHandlers } from "#compose/lambda.ts";
import { createTakeMessages } from "#compose/queue.ts";
import { limitRequests } from "#compose/rate-limit.ts";
import { embedRoutes } from "#http/routes/embed.ts";

export const { handler } = await lambdaHandlers(
  async (app, parts) =>
    embedRoutes(await limitRequests(app, parts.rateLimit), await parts.ingest(), await parts.store()),
  async (parts) => createTakeMessages(parts),
);
