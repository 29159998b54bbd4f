import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { onTestFinished } from "vitest";
import { addMcpRoute } from "#http/protocols/mcp/route.ts";
import { addDocumentRoutes } from "#http/routes/documents.ts";
import { addEmbedRoutes } from "#http/routes/embed.ts";
import { addHealthRoutes } from "#http/routes/health.ts";
import { addQueryRoute } from "#http/routes/query.ts";
import { addSearchRoute } from "#http/routes/search.ts";
import { createExtractiveGenerator } from "#providers/embedded/extractive-generator.ts";
import { createLexicalReranker } from "#providers/lexical/reranker.ts";
import { countTokens } from "#providers/lexical/token-counter.ts";
import { openSqliteDatabase } from "#providers/sqlite/database.ts";
import { createSqliteStore } from "#providers/sqlite/store.ts";
import { createAnswer } from "#rag/answer.ts";
import { createChunker } from "#rag/chunk.ts";
import { createIngest } from "#rag/ingest.ts";
import { createSearch } from "#rag/search.ts";
import { send, testApp } from "../../http/_app.ts";
import { hashEmbedder } from "../../providers/_hash-embedder.ts";

export const KEY = "erag_smoke";
/** Stands before the app: answers itself, or changes what the app answers. */
export type Fault = (request: Request, ask: () => Promise<Response>) => Response | Promise<Response>;

/** The app on a port, with other documents in its store, and a fault before it. */
export async function startTarget({ fault = (_, ask) => ask(), keys = false }: { fault?: Fault; keys?: boolean } = {}) {
  const { model, dimensions } = hashEmbedder;
  const database = await openSqliteDatabase({ path: ":memory:", model, dimensions });
  const store = createSqliteStore(database);
  const ports = {
    chunker: createChunker({ countTokens }),
    embedder: hashEmbedder,
    store,
    reranker: createLexicalReranker(),
    generator: createExtractiveGenerator(),
  };
  const sha256 = createHash("sha256").update(KEY).digest("hex");
  const { app } = testApp({ keys: keys ? [{ tenant: "smoke", sha256 }] : [], corsOrigins: [] });
  const ingest = createIngest(ports);
  const [ask, search] = [createAnswer(ports), createSearch(ports)];
  addQueryRoute(app, ask);
  addEmbedRoutes(app, ingest, store);
  addSearchRoute(app, search);
  addMcpRoute(app, { ask, search, store });
  addDocumentRoutes(app, store);
  addHealthRoutes(app, async () => ({
    checks: [{ name: "store", needed: true, check: async () => {} }],
    telemetry: () => ({
      ...{ enabled: false, exported: 0, retained: 0, dropped: 0, breaker: "none" as const },
      flush: { count: 0, last_ms: 0, max_ms: 0 },
    }),
    usage: () => ({ prompt_tokens: 0, completion_tokens: 0, requests: 0, unpriced_requests: 0 }),
  }));
  await ingest([{ id: "lamps", text: "A lighthouse keeps a spare lamp and its keeper a spare key." }]);

  const url = await serve(async (incoming, outgoing) => {
    const request = await requestOf(incoming);
    const { pathname, search } = new URL(request.url);
    const { method, headers } = request;
    const body = method === "POST" ? await request.clone().arrayBuffer() : undefined;
    const response = await fault(request, () =>
      send(app, `${pathname}${search}`, { method, headers, ...(body && { body }) }),
    );
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    if (response.body) await pipeline(Readable.fromWeb(response.body as ReadableStream), outgoing);
    else outgoing.end();
  });
  onTestFinished(() => database.close());
  const documents = () => database.prepare("SELECT id FROM documents").all() as { id: string }[];
  return {
    url,
    left: () =>
      documents()
        .map(({ id }) => id)
        .filter((id) => id !== "lamps"),
  };
}

/** @returns where it listens, until the test is over */
export async function serve(handle: (request: IncomingMessage, response: ServerResponse) => unknown): Promise<string> {
  const server: Server = createServer((request, response) => {
    Promise.resolve(handle(request, response)).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function requestOf(incoming: IncomingMessage): Promise<Request> {
  const body = await buffer(incoming);
  return new Request(`http://localhost${incoming.url}`, {
    method: incoming.method ?? "GET",
    headers: Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]),
    ...(body.length > 0 && { body: new Uint8Array(body) }),
  });
}
