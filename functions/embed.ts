/** POST /embed and DELETE /embed/{document_id}: adds, replaces and removes documents; also POST /embed from a queue. */
import { createLambdaHandlers } from "#compose/lambda.ts";
import { createSqsConsumer } from "#compose/queue.ts";
import { addRateLimit } from "#compose/rate-limit.ts";
import { addEmbedRoutes } from "#http/routes/embed.ts";

/** A request passes through the lines of the first function from top to bottom. */
export const { handler } = await createLambdaHandlers(
  async (app, parts) => {
    // app (#http/app.ts): server span → deadline → CORS → API key
    await addRateLimit(app, parts.rateLimit); // 429 when the caller is over its limit
    const pipeline = await parts.ingestPipeline(); // chunk → embed → upsert (#rag/ingest.ts)
    addEmbedRoutes(app, pipeline, await parts.store()); // validate → pipeline → respond; DELETE: remove → respond
    // after the response (#compose/lambda.ts): flush telemetry
  },
  createSqsConsumer, // messages of a queue: validate → pipeline → report failed messages
);
