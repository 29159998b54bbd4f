/** POST /query: answers a question from the documents, with citations, or as a stream. POST /search: citations alone. */
import { createLambdaHandlers } from "#compose/lambda.ts";
import { queryPipeline, searchPipeline } from "#compose/pipelines.ts";
import { addRateLimit } from "#compose/rate-limit.ts";
import { addChatRoutes } from "#http/protocols/chat/routes.ts";
import { addMcpRoute } from "#http/protocols/mcp/route.ts";
import { addQueryRoute } from "#http/routes/query.ts";
import { addSearchRoute } from "#http/routes/search.ts";

/** A request passes through the lines of this function from top to bottom. */
export const { handler, stream } = await createLambdaHandlers(async (app, parts) => {
  // app (#http/app.ts): server span → deadline → CORS → API key
  await addRateLimit(app, parts.rateLimit); // 429 when the caller is over its limit
  const pipeline = await queryPipeline(parts); // embed → search → rerank → generate (#rag/answer.ts)
  addQueryRoute(app, pipeline); // POST /query: validate → pipeline → respond
  const search = await searchPipeline(parts); // the same up to rerank (#rag/search.ts)
  addSearchRoute(app, search); // POST /search
  addChatRoutes(app, pipeline, parts.chat); // POST /v1/chat/completions, GET /v1/models: OpenAI's protocol
  const sources = { ask: pipeline, search, store: (await parts.ports()).store };
  addMcpRoute(app, sources, parts.server.access); // POST /mcp: its module is loaded by the first request
  // after the response (#compose/lambda.ts): flush telemetry
});
