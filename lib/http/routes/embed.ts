import { parse, readJson } from "#http/body.ts";
import type { App } from "#http/context.ts";
import { readEmbedRequest } from "#http/embed-request.ts";
import { requireWriter } from "#http/middleware/auth.ts";
import { publicDetail, RequestError } from "#http/problem.ts";
import { type DeleteResponse, documentPath } from "#http/schemas/documents.ts";
import type { EmbedResponse } from "#http/schemas/responses.ts";
import type { EmbedRequest } from "#http/schemas.ts";
import { wellFormed } from "#http/well-formed.ts";
import { inStage } from "#rag/errors.ts";
import type { IngestDocuments, IngestedDocument, NewDocument } from "#rag/ingest.ts";
import type { VectorStore } from "#rag/ports.ts";

/**
 * Adds `POST /embed` (authorize → validate → run the pipeline → respond) and `DELETE /embed/{document_id}`. An id may have
 * slashes, encoded or not.
 */
export function addEmbedRoutes(app: App, ingestDocuments: IngestDocuments, store: Pick<VectorStore, "remove">): void {
  app.post("/embed", async (c) => {
    requireWriter(c);
    const body = await readJson(c.req.raw, readEmbedRequest);
    const result = await ingestDocuments(body.documents.map(toDocument), c.get("call"));
    const response: EmbedResponse = {
      documents: result.documents.map(toStatus),
      usage: { prompt_tokens: result.usage.tokens },
      trace_id: c.get("trace").traceId,
    };
    return c.json(response);
  });

  app.delete("/embed/:document_id{[^]+}", async (c) => {
    requireWriter(c);
    const { document_id } = parse({ document_id: c.req.param("document_id") }, documentPath, "path");
    const chunks = await inStage("upsert", "removing a document", () => store.remove(document_id, c.get("call")));
    if (chunks === undefined) throw new RequestError(404, `There is no document "${document_id}".`);
    const response: DeleteResponse = { id: document_id, status: "deleted", chunks, trace_id: c.get("trace").traceId };
    return c.json(response);
  });
}

export function toDocument({
  id,
  text,
  title,
  url,
  topic_ids,
  metadata,
}: EmbedRequest["documents"][number]): NewDocument {
  return {
    id,
    text: wellFormed(text),
    ...(title !== undefined && { title: wellFormed(title) }),
    ...(url !== undefined && { url }),
    ...(topic_ids && { topicIds: topic_ids }),
    ...(metadata && { metadata }),
  };
}

function toStatus({ id, status, chunks, error }: IngestedDocument): EmbedResponse["documents"][number] {
  return { id, status, chunks, ...(error && { error: publicDetail(error) }) };
}
