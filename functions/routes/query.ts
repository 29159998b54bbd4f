import { evaluateAnswers } from "#compose/evaluation.ts";
import { createFeedback } from "#compose/feedback.ts";
import type { Parts } from "#compose/parts.ts";
import { queryPipeline, searchPipeline } from "#compose/pipelines.ts";
import type { App } from "#http/context.ts";
import { addChatRoutes } from "#http/protocols/chat/routes.ts";
import { addMcpRoute } from "#http/protocols/mcp/route.ts";
import { addFeedbackRoute } from "#http/routes/feedback.ts";
import { addQueryRoute } from "#http/routes/query.ts";
import { addSearchRoute } from "#http/routes/search.ts";

/** Adds the routes that take questions. */
export async function addQuestionRoutes(app: App, parts: Parts): Promise<void> {
  const pipeline = await queryPipeline(parts); // embed → search → rerank → generate (#rag/answer.ts)
  const { sign, rate } = await createFeedback(parts); // absent without a secret
  addQueryRoute(app, pipeline, sign); // POST /query: validate → pipeline → respond
  const search = await searchPipeline(parts); // the same up to rerank (#rag/search.ts)
  addSearchRoute(app, search); // POST /search
  addChatRoutes(app, pipeline, { ...parts.chat, sign }); // POST /v1/chat/completions, GET /v1/models: OpenAI's protocol
  const sources = { ask: pipeline, search, store: (await parts.ports()).store, sign };
  addMcpRoute(app, sources, parts.server.access); // POST /mcp: its module is loaded by the first request
  addFeedbackRoute(app, rate); // POST /feedback: validate → check the token → count
  evaluateAnswers(parts); // after each response: how far its sources support the answer (#quality/groundedness.ts)
}
