/** `npm start`: a server that runs as long as it is not stopped, with the routes of all functions on one port. */
import { judgeAnswers } from "#compose/judge.ts";
import { addRateLimit } from "#compose/rate-limit.ts";
import { runServer } from "#compose/server.ts";
import { shadowAnswers } from "#compose/shadow.ts";
import { addHealthRoutes } from "#http/routes/health.ts";
import { addIngestRoutes } from "./routes/embed.ts";
import { addQuestionRoutes } from "./routes/query.ts";

/** A request passes through the lines of this function from top to bottom. */
await runServer(async (app, parts) => {
  // app (#http/app.ts): server span → CORS → API key
  addHealthRoutes(app, parts.health); // GET /health, which no limit must refuse, and GET /openapi.json
  await addRateLimit(app, parts.rateLimit); // 429 when the caller is over its limit
  await addQuestionRoutes(app, parts); // POST /query, /search, /feedback, /v1/chat/completions and /mcp
  await judgeAnswers(parts); // after the response: a share of the answers by a language model, if one is set to
  await shadowAnswers(parts); // after the response: a share of the questions again by another configuration, if one is set
  await addIngestRoutes(app, parts); // POST, GET and DELETE /embed
  // meanwhile (#compose/server.ts): telemetry is flushed every second
});
