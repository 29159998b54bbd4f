/** A Cloudflare worker with the routes of all functions. Its settings are in wrangler.jsonc. */
import { createWorkerQueueConsumer } from "#compose/queue.ts";
import { addRateLimit } from "#compose/rate-limit.ts";
import { createWorker } from "#compose/worker.ts";
import { addHealthRoutes } from "#http/routes/health.ts";
import { addIngestRoutes } from "./routes/embed.ts";
import { addQuestionRoutes } from "./routes/query.ts";

/** A request passes through the lines of the first function from top to bottom. */
export default createWorker(
  async (app, parts) => {
    // app (#http/app.ts): server span → CORS → API key
    addHealthRoutes(app, parts.health); // GET /health, which no limit must refuse, and GET /openapi.json
    await addRateLimit(app, parts.rateLimit); // 429 when the caller is over its limit
    await addQuestionRoutes(app, parts); // POST /query, /search, /feedback, /v1/chat/completions and /mcp
    await addIngestRoutes(app, parts); // POST, GET and DELETE /embed
    // after the response (#compose/worker.ts): telemetry is flushed
  },
  createWorkerQueueConsumer, // messages of a queue: validate → pipeline → redeliver failed messages
);
