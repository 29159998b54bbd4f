import { parse, readJson } from "#http/body.ts";
import type { App } from "#http/context.ts";
import { readEmbedRequest } from "#http/embed-request.ts";
import { readableTopics, requireWriter } from "#http/middleware/auth.ts";
import { publicDetail, RequestError } from "#http/problem.ts";
import {
  type DeleteResponse,
  documentPath,
  type EmbedRequest,
  type EmbedResponse,
  type ListResponse,
  listQuery,
} from "#http/schemas.ts";
import { wellFormed } from "#http/well-formed.ts";
import { CursorError, inStage } from "#rag/errors.ts";
import type { IngestDocuments, IngestedDocument, NewDocument } from "#rag/ingest.ts";
import type { ListedDocument, VectorStore } from "#rag/ports.ts";

/**
 * Adds `POST /embed` (authorize → validate → run the pipeline → respond), `GET /embed`, which lists documents, and
 * `DELETE /embed/{document_id}`. An id may have slashes, encoded or not. A read-only key lists the documents of its topics.
 */
export function addEmbedRoutes(
  app: App,
  ingestDocuments: IngestDocuments,
  store: Pick<VectorStore, "list" | "remove">,
): void {
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

  app.get("/embed", async (c) => {
    const { prefix, topic, limit, cursor } = parse(listParameters(c.req.queries()), listQuery, "query string");
    const caller = c.get("caller");
    const topicIds = readableTopics(topic, caller);
    const request = {
      limit,
      ...(prefix !== undefined && { prefix }),
      ...(topicIds && { filter: { topicIds } }),
      ...(cursor !== undefined && { cursor: Buffer.from(cursor, "base64url").toString() }),
    };
    const { documents, next } = await inStage("vector_search", "listing documents", () =>
      store.list(request, c.get("call")),
    ).catch((error: unknown) => {
      if (!(error instanceof CursorError)) throw error;
      const errors = [{ path: "/cursor", message: "must be the next_cursor of an earlier response" }];
      throw new RequestError(400, "The query string failed validation: see /cursor.", { errors });
    });
    const response: ListResponse = {
      documents: documents.map((document) => toListed(document, caller?.topicIds)),
      ...(next !== undefined && { next_cursor: Buffer.from(next).toString("base64url") }),
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

/** The query string's values as numbers where the schema wants them; NaN for what is none. */
function listParameters({ topic, limit, ...rest }: Readonly<Record<string, readonly string[]>>): object {
  const toInteger = (text: string): number => (/^-?\d+$/.test(text) ? Number(text) : Number.NaN);
  const single = Object.entries(rest).map(([name, values]) => [name, values.at(-1)]);
  return {
    ...Object.fromEntries(single),
    ...(topic && { topic: topic.map(toInteger) }),
    ...(limit && { limit: toInteger(limit.at(-1) ?? "") }),
  };
}

/** @param readable topics that the caller's key may read; all when absent */
function toListed(
  { id, title, url, topicIds, chunks }: ListedDocument,
  readable: readonly number[] | undefined,
): ListResponse["documents"][number] {
  const topic_ids = topicIds.filter((topic) => readable?.includes(topic) ?? true);
  return { id, title, ...(url !== undefined && { url }), topic_ids, chunks };
}
