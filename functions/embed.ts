/** POST and GET /embed, GET and DELETE /embed/{document_id}: adds, reads and removes documents; POST also from a queue. */
import { createLambdaHandlers } from "#compose/lambda.ts";
import { ingestPipeline } from "#compose/pipelines.ts";
import { createSqsConsumer } from "#compose/queue.ts";
import { addRateLimit } from "#compose/rate-limit.ts";
import { addDocumentRoutes } from "#http/routes/documents.ts";
import { addEmbedRoutes } from "#http/routes/embed.ts";

/** A request passes through the lines of the first function from top to bottom. */
export const { handler } = await createLambdaHandlers(
  async (app, parts) => {
    // app (#http/app.ts): server span → deadline → CORS → API key
    await addRateLimit(app, parts.rateLimit); // 429 when the caller is over its limit
    const pipeline = await ingestPipeline(parts); // chunk → embed → upsert (#rag/ingest.ts)
    const { store } = await parts.ports();
    addEmbedRoutes(app, pipeline, store); // POST: validate → pipeline → respond; DELETE: store → respond
    addDocumentRoutes(app, store); // GET: store → respond
    // after the response (#compose/lambda.ts): flush telemetry
  },
  createSqsConsumer, // messages of a queue: validate → pipeline → report failed messages
);
