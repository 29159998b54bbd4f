import type { ListResourcesResult, ResourceTemplateType } from "@modelcontextprotocol/server";
import type { Context } from "hono";
import type { AppEnv } from "#http/context.ts";
import { readableTopics } from "#http/middleware/auth.ts";
import { RequestError } from "#http/problem.ts";
import { CursorError, inStage } from "#rag/errors.ts";
import type { McpSources } from "./sources.ts";
import { TEMPLATE, toUri } from "./uri.ts";

const MIME_TYPE = "text/markdown";
/** Documents of a page. */
const PAGE = 100;

export const TEMPLATES: readonly ResourceTemplateType[] = [
  {
    name: "document",
    title: "A document",
    uriTemplate: TEMPLATE,
    description: "The text of a document, by its id.",
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
    ...(cursor !== undefined && { cursor: Buffer.from(cursor, "base64url").toString() }),
  };
  const { documents, next } = await inStage("vector_search", "listing documents", () =>
    store.list(request, c.get("call")),
  ).catch((error: unknown) => {
    if (!(error instanceof CursorError)) throw error;
    throw new RequestError(400, "The cursor must be the nextCursor of an earlier page.");
  });
  return {
    resources: documents.map(({ id, title }) => ({ uri: toUri(id), name: id, title, mimeType: MIME_TYPE })),
    ...(next !== undefined && { nextCursor: Buffer.from(next).toString("base64url") }),
  };
}
