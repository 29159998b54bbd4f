import { parse } from "#http/body.ts";
import type { App } from "#http/context.ts";
import { readableTopics } from "#http/middleware/auth.ts";
import { decodeCursor, encodeCursor, fitting } from "#http/page.ts";
import { RequestError } from "#http/problem.ts";
import {
  type DocumentResponse,
  documentPath,
  documentQuery,
  type ListResponse,
  listQuery,
} from "#http/schemas/documents.ts";
import { CursorError, inStage } from "#rag/errors.ts";
import type { ListedDocument, StoredChunk, VectorStore } from "#rag/ports.ts";
import { shortened } from "#rag/shortened.ts";

/**
 * Adds `GET /embed`, which lists documents, and `GET /embed/{document_id}`, which gives one with its chunks. An id may have
 * slashes, encoded or not. A read-only key sees the documents of its topics, and of their topics its own.
 */
export function addDocumentRoutes(app: App, store: Pick<VectorStore, "list" | "get">): void {
  app.get("/embed", async (c) => {
    const { prefix, topic, limit, cursor } = parse(parametersOf(c.req.queries()), listQuery, "query string");
    const caller = c.get("caller");
    const topicIds = readableTopics(topic, caller);
    const request = {
      limit,
      ...(prefix !== undefined && { prefix }),
      ...(topicIds && { filter: { topicIds } }),
      ...(cursor !== undefined && { cursor: decodeCursor(cursor) }),
    };
    const { documents, next } = await inStage("vector_search", "listing documents", () =>
      store.list(request, c.get("call")),
    ).catch((error: unknown) => {
      throw error instanceof CursorError ? invalidCursor() : error;
    });
    const response: ListResponse = {
      documents: documents.map((document) => toListed(document, caller?.topicIds)),
      ...(next !== undefined && { next_cursor: encodeCursor(next) }),
      trace_id: c.get("trace").traceId,
    };
    return c.json(response);
  });

  app.get("/embed/:document_id{[^]+}", async (c) => {
    const { document_id } = parse({ document_id: c.req.param("document_id") }, documentPath, "path");
    const { limit, cursor } = parse(parametersOf(c.req.queries()), documentQuery, "query string");
    const readable = c.get("caller")?.topicIds;
    const request = {
      limit,
      ...(cursor !== undefined && { from: positionOf(cursor) }),
      ...(readable && { filter: { topicIds: readable } }),
    };
    const document = await inStage("vector_search", "reading a document", () =>
      store.get(document_id, request, c.get("call")),
    );
    if (!document) throw new RequestError(404, `There is no document "${document_id}".`);
    const content = pageOf(document.content);
    const next = (content.at(-1)?.position ?? document.chunks) + 1;
    const response: DocumentResponse = {
      ...toListed(document, readable),
      metadata: document.metadata,
      content,
      ...(next < document.chunks && { next_cursor: encodeCursor(String(next)) }),
      trace_id: c.get("trace").traceId,
    };
    return c.json(response);
  });
}

/** The query string's values as numbers where the schema wants them; NaN for what is none. */
function parametersOf({ topic, limit, ...rest }: Readonly<Record<string, readonly string[]>>): object {
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
  { id, title, url, topicIds, chunks, updatedAt }: ListedDocument,
  readable: readonly number[] | undefined,
): ListResponse["documents"][number] {
  const topic_ids = topicIds.filter((topic) => readable?.includes(topic) ?? true);
  const updated_at = updatedAt === undefined ? {} : { updated_at: new Date(updatedAt).toISOString() };
  return { id, title, ...(url !== undefined && { url }), topic_ids, chunks, ...updated_at };
}

/** As many chunks as a response may have, at least one; none is longer than a citation. */
function pageOf(chunks: readonly StoredChunk[]): DocumentResponse["content"] {
  return fitting(
    chunks.map(({ id, position, heading, text }) => ({
      ...{ chunk_id: id, position, heading: shortened(heading, 1_000), text: shortened(text, 10_000) },
    })),
  );
}

/** The position of a chunk that {@link encodeCursor} wrote. */
function positionOf(cursor: string): number {
  const text = decodeCursor(cursor);
  if (!/^\d{1,9}$/.test(text)) throw invalidCursor();
  return Number(text);
}

function invalidCursor(): RequestError {
  const errors = [{ path: "/cursor", message: "must be the next_cursor of an earlier response" }];
  return new RequestError(400, "The query string failed validation: see /cursor.", { errors });
}
