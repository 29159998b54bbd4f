import { expect } from "vitest";
import { HEADERS as MCP_HEADERS } from "../http/protocols/mcp/_mcp.ts";
import type { Listing, NewDocument } from "./_contents.ts";

/** The requests of one key. */
export interface Session {
  /** The documents that it may read. */
  documents: readonly NewDocument[];
  /** Topics that it may read; absent: all. */
  topics?: readonly number[];
  request(method: string, path: string, body?: object, headers?: object): Promise<{ status: number; body: string }>;
}

/** A page of a list: what each route says of a document, as `GET /embed` would. */
interface Page {
  documents: { id: string; title: string; topic_ids?: number[]; url?: string }[];
  next?: string;
}

/** Reads a page; `undefined` when the cursor was refused. */
type ReadPage = (session: Session, listing: Listing, cursor: string | undefined) => Promise<Page | undefined>;

const WAYS_TO_LIST: Record<Listing["way"], ReadPage> = {
  async embed({ request }, { prefix, topics = [], limit }, cursor) {
    const query = new URLSearchParams({ limit: String(limit), ...(prefix && { prefix }), ...(cursor && { cursor }) });
    for (const topic of topics) query.append("topic", String(topic));
    const { status, body } = await request("GET", `/embed?${query}`);
    if (status === 400 && cursor !== undefined) return undefined;
    expect(status, body).toBe(200);
    const { documents, next_cursor: next } = JSON.parse(body);
    return { documents, next };
  },
  async mcp({ request }, _, cursor) {
    const message = { jsonrpc: "2.0", id: 1, method: "resources/list", params: { ...(cursor && { cursor }) } };
    const { status, body } = await request("POST", "/mcp", message, MCP_HEADERS);
    const { result, error } = JSON.parse(body);
    if (error && cursor !== undefined) return undefined;
    expect([status, error]).toEqual([200, undefined]);
    return {
      documents: result.resources.map(({ name, title }: never) => ({ id: name, title })),
      next: result.nextCursor,
    };
  },
};

/**
 * Lists documents, and compares them with those that the key may read. With a cursor that another list returned, or that
 * was made up, only that none of them is another's.
 *
 * @returns a cursor of the list, if it had one
 */
export async function list(session: Session, listing: Listing, foreign?: string): Promise<string | undefined> {
  const { prefix = "", topics: requested } = listing.way === "mcp" ? {} : listing;
  const topics = requested?.filter((topic) => session.topics?.includes(topic) ?? true);
  const expected = session.documents
    .filter(
      ({ id, topic_ids }) => id.startsWith(prefix) && (topics?.some((topic) => topic_ids.includes(topic)) ?? true),
    )
    .map((document) => described(document, session, listing.way));
  const found: object[] = [];
  let kept: string | undefined;
  for (let cursor = foreign, pages = 0; ; pages++) {
    expect(pages).toBeLessThan(100);
    const page = await WAYS_TO_LIST[listing.way](session, listing, cursor);
    if (!page) return undefined;
    found.push(
      ...page.documents.map(({ id, title, url, topic_ids }) => ({ id, title, url, topic_ids: topic_ids?.toSorted() })),
    );
    cursor = page.next;
    kept ??= cursor;
    if (cursor === undefined) break;
  }
  if (foreign === undefined) expect(sorted(found)).toEqual(sorted(expected));
  else for (const document of found) expect(expected).toContainEqual(document);
  return kept;
}

/** Reads a document as a resource: it is there exactly if the key may read it. */
export async function getByMcp({ request, documents }: Session, id: string): Promise<void> {
  const uri = `rag://documents/${encodeURIComponent(id)}`;
  const message = { jsonrpc: "2.0", id: 1, method: "resources/read", params: { uri } };
  const { status, body } = await request("POST", "/mcp", message, MCP_HEADERS);
  expect(status, body).toBe(200);
  const { result, error } = JSON.parse(body);
  const document = documents.find((own) => own.id === id);
  if (!document) expect(error.data).toEqual({ uri });
  else expect(result.contents).toEqual([{ uri, mimeType: "text/markdown", text: document.text }]);
}

/** Reads a document: it is there exactly if the key may read it. */
export async function get(session: Session, id: string, isValid: boolean): Promise<void> {
  const { status, body } = await session.request("GET", `/embed/${encodeURIComponent(id)}`);
  const document = session.documents.find((own) => own.id === id);
  expect(status, body).toBe(!isValid ? 400 : document ? 200 : 404);
  if (!isValid) return;
  const { trace_id: _, updated_at: __, topic_ids, content, ...rest } = JSON.parse(body);
  if (!document) {
    const type = "urn:edge-rag:problem:not-found";
    expect(rest).toEqual({ type, title: "Not found", status: 404, detail: `There is no document "${id}".` });
    return;
  }
  const { metadata, text } = document;
  const { topic_ids: topics, url, ...named } = described(document, session, "embed");
  expect({ ...rest, topic_ids: topic_ids.toSorted() }).toEqual({
    ...{ ...named, topic_ids: topics, metadata, chunks: 1 },
    ...(url !== undefined && { url }),
  });
  expect(content).toMatchObject([{ position: 0, text }]);
}

/** The models that a key may name: that of all topics, and for a key that is limited to topics one for each. */
export async function models(session: Session): Promise<void> {
  const { status, body } = await session.request("GET", "/v1/models");
  expect(status, body).toBe(200);
  const names = ["edge-rag", ...(session.topics ?? []).map((topic) => `edge-rag:topic-${topic}`)];
  expect(JSON.parse(body).data.map(({ id }: { id: string }) => id)).toEqual(names);
}

function described({ id, title = id, url, topic_ids }: NewDocument, { topics }: Session, way: Listing["way"]) {
  if (way === "mcp") return { id, title, url: undefined, topic_ids: undefined };
  return { id, title, url, topic_ids: topic_ids.filter((topic) => topics?.includes(topic) ?? true).toSorted() };
}

function sorted(documents: readonly object[]): string[] {
  return documents.map((document) => JSON.stringify(document)).toSorted();
}
