import { stagesOf, toCitations } from "#http/answer-response.ts";
import { parseBody, readJson } from "#http/body.ts";
import { type App, addStages } from "#http/context.ts";
import { toQuestion } from "#http/question.ts";
import type { SearchResponse } from "#http/schemas/responses.ts";
import { searchRequest } from "#http/schemas/search.ts";
import type { SearchDocuments, SearchResult } from "#rag/search.ts";

/** Adds `POST /search`: validate → search → respond with what an answer would be made of. */
export function addSearchRoute(app: App, searchDocuments: SearchDocuments): void {
  app.post("/search", async (c) => {
    const body = await readJson(c.req.raw, (bytes) => parseBody(bytes, searchRequest));
    const result = await searchDocuments(toQuestion(body, c.get("caller")), c.get("call"));
    addStages(c, result.timingsMs);
    return c.json(toSearchResponse(result, c.get("trace").traceId));
  });
}

export function toSearchResponse(result: SearchResult, trace_id: string): SearchResponse {
  return {
    citations: toCitations(result.citations),
    timings_ms: result.timingsMs,
    cache: result.cache,
    degraded: stagesOf(result.degraded),
    trace_id,
  };
}
