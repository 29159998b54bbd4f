/** POST and GET /embed, GET and DELETE /embed/{document_id}: adds, reads and removes documents; POST also from a queue. */
import { createLambdaHandlers } from "#compose/lambda.ts";
import { createSqsConsumer } from "#compose/queue.ts";
import { addRateLimit } from "#compose/rate-limit.ts";
import { addIngestRoutes } from "./routes/embed.ts";

/** A request passes through the lines of the first function from top to bottom. */
export const { handler } = await createLambdaHandlers(
  async (app, parts) => {
    // app (#http/app.ts): server span → deadline → CORS → API key
    await addRateLimit(app, parts.rateLimit); // 429 when the caller is over its limit
    await addIngestRoutes(app, parts); // validate → pipeline → respond
    // after the response (#compose/lambda.ts): flush telemetry
  },
  createSqsConsumer, // messages of a queue: validate → pipeline → report failed messages
);
