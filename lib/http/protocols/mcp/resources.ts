import type { ListResourcesResult, ReadResourceResult, ResourceTemplateType } from "@modelcontextprotocol/server";
import type { Context } from "hono";
import type { AppEnv } from "#http/context.ts";
import { readableTopics } from "#http/middleware/auth.ts";
import { decodeCursor, encodeCursor, fitting } from "#http/page.ts";
import { RequestError } from "#http/problem.ts";
import { CursorError, inStage } from "#rag/errors.ts";
import type { McpSources } from "./sources.ts";
import { fromUri, TEMPLATE, toUri } from "./uri.ts";

const MIME_TYPE = "text/markdown";
/** Documents of a page. */
const PAGE = 100;
/** Chunks that are read at once; as many of them are returned as the next limit permits. */
const CHUNKS = 500;

export const TEMPLATES: readonly ResourceTemplateType[] = [
  {
    name: "document",
    title: "A document",
    uriTemplate: TEMPLATE,
    description: "The text of a document, by its percent-encoded id; a long one in parts.",
    mimeType: MIME_TYPE,
  },
];

/**
 * A page of the documents that the request's key may read.
 *
 * @throws RequestError for a cursor that is not of an earlier page
 */
export async function listResources(
  c: Context<AppEnv>,
  store: Pick<McpSources["store"], "list">,
  cursor: string | undefined,
): Promise<ListResourcesResult> {
  const topicIds = readableTopics(undefined, c.get("caller"));
  const request = {
    limit: PAGE,
    ...(topicIds && { filter: { topicIds } }),
    ...(cursor !== undefined && { cursor: decodeCursor(cursor) }),
  };
  const { documents, next } = await inStage("vector_search", "listing documents", () =>
    store.list(request, c.get("call")),
  ).catch((error: unknown) => {
    if (!(error instanceof CursorError)) throw error;
    throw new RequestError(400, "The cursor must be the nextCursor of an earlier page.");
  });
  return {
    resources: documents.map(({ id, title }) => ({ uri: toUri(id), name: id, title, mimeType: MIME_TYPE })),
    ...(next !== undefined && { nextCursor: encodeCursor(next) }),
  };
}

/**
 * The text of a document that the request's key may read, or the first part of it that fits a response, and then where the
 * next one is.
 *
 * @returns `undefined` when there is no such document, or not for this key
 */
export async function readResource(
  c: Context<AppEnv>,
  store: Pick<McpSources["store"], "get">,
  uri: string,
): Promise<ReadResourceResult | undefined> {
  const part = fromUri(uri);
  if (!part) return undefined;
  const { documentId, from } = part;
  const topicIds = readableTopics(undefined, c.get("caller"));
  const request = { limit: CHUNKS, ...(from !== undefined && { from }), ...(topicIds && { filter: { topicIds } }) };
  const document = await inStage("vector_search", "reading a document", () =>
    store.get(documentId, request, c.get("call")),
  );
  if (!document || document.content.length === 0) return undefined;
  // The headings of a section are in its first chunk.
  const texts = fitting(document.content.map(({ text }) => text));
  const next = (document.content[texts.length - 1]?.position ?? 0) + 1;
  const rest = toUri(documentId, next);
  return {
    contents: [
      { uri, mimeType: MIME_TYPE, text: texts.join("\n\n") },
      ...(next < document.chunks ? [{ uri: rest, mimeType: MIME_TYPE, text: `(The rest is at ${rest}.)` }] : []),
    ],
  };
}
