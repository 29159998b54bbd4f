import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { CANDIDATES } from "#rag/search.ts";
import { memoryRedis } from "../../../support/memory-redis.ts";
import { startOpenAIServer } from "../../../support/openai-server.ts";
import { type FakeQdrant, startQdrantServer } from "../../../support/qdrant-server.ts";
import { startRerankServer } from "../../../support/rerank-server.ts";
import { startUpstashServer } from "../../../support/upstash-server.ts";

export type ServiceName = "embeddings" | "chat" | "qdrant" | "rerank" | "cache" | "telemetry";

/** Latency of each service in milliseconds, or what draws one for each request. */
export type ServiceTimes = Partial<Record<ServiceName, number | (() => number)>>;

export interface ServicesOptions {
  /** Milliseconds from the first packet of a connection until its first request arrives, for DNS, TCP and TLS. */
  connectMs?: number;
  /** Milliseconds between two events of a streamed answer. */
  eventMs?: number;
  /** Called with each request of the telemetry exporter. */
  onTelemetry?: (path: string, body: Buffer) => void;
}

export interface Services {
  /** Environment variables with the addresses of the proxies. */
  env: Record<string, string>;
  /** The same with the addresses of the services themselves, for seeding. */
  directEnv: Record<string, string>;
  qdrant: FakeQdrant;
  /** Calls since the last call of this, by service. */
  takeCalls(): Partial<Record<ServiceName, number>>;
  /** Sets the latency of services; 0 for those not named. */
  setTimes(times: ServiceTimes): void;
  /** Sets the share of cache lookups that may hit, in [0, 1]; the others miss. */
  useCache(share: number): void;
  close(): Promise<void>;
}

interface ProxyResponse {
  status: number;
  type: string;
  body: Buffer;
}

const TOKEN = "scratch-token";

/**
 * Fake services of the pipeline on loopback, each behind a proxy that caches responses, so that every contender gets a
 * repeated request's response after the same time.
 */
export async function startServices({
  connectMs = 0,
  eventMs = 0,
  onTelemetry,
}: ServicesOptions = {}): Promise<Services> {
  const openai = await startOpenAIServer({ chat: () => ({ content: "It is so [1], and so it is [2]." }) });
  const qdrant = await startQdrantServer();
  const rerank = await startRerankServer("cohere");
  const upstash = await startUpstashServer(memoryRedis().run, TOKEN);
  let times: ServiceTimes = {};
  let cachedShare = 1;
  let lookups = 0;
  let calls: Partial<Record<ServiceName, number>> = {};
  const servers: Server[] = [];
  const connectedAt = new WeakMap<Socket, number>();

  /** Spreads the hits evenly over the lookups. */
  function mayHit(): boolean {
    lookups += 1;
    return Math.floor(lookups * cachedShare) > Math.floor((lookups - 1) * cachedShare);
  }

  async function startProxy(target: string, nameOf: (path: string) => ServiceName): Promise<string> {
    const responses = new Map<string, ProxyResponse>();
    async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const body = await buffer(request);
      const path = request.url ?? "/";
      const name = nameOf(path);
      calls[name] = (calls[name] ?? 0) + 1;
      if (name === "telemetry") onTelemetry?.(path, body);
      const key = `${request.method} ${path} ${request.headers["upstash-encoding"]} ${body.toString("latin1")}`;
      let proxied = name === "telemetry" ? EMPTY : responses.get(key);
      if (!proxied) {
        proxied = await forward(new URL(target).origin + path, request.method ?? "GET", request.headers, body);
        const isRead = request.method === "GET" || (name === "cache" ? isHit(body, proxied) : !isWrite(path, body));
        if (isRead) responses.set(key, proxied);
      }
      if (name === "cache" && cachedShare < 1 && body.includes('"mget"')) proxied = withMisses(body, proxied, mayHit);
      const drawn = times[name] ?? 0;
      const connected = (connectedAt.get(request.socket) ?? 0) + connectMs;
      const ms = Math.max(0, connected - performance.now()) + (typeof drawn === "number" ? drawn : drawn());
      if (ms > 0) await delay(ms);
      await respond(response, proxied, eventMs);
    }
    const server = createServer((request, response) => {
      void serve(request, response).catch((error: Error) => response.destroy(error));
    });
    server.on("connection", (socket) => connectedAt.set(socket, performance.now()));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const openaiProxy = await startProxy(openai.url, (path) => (path.endsWith("/embeddings") ? "embeddings" : "chat"));
  const rerankProxy = await startProxy(rerank.url, () => "rerank");
  const env = {
    OPENAI_API_KEY: "sk-test",
    OPENAI_BASE_URL: `${openaiProxy}/v1`,
    QDRANT_URL: await startProxy(qdrant.url, () => "qdrant"),
    RERANK_URL: `${rerankProxy}${new URL(rerank.url).pathname}`,
    RERANK_API_KEY: "key",
    RERANK_MODEL: "rerank-v3.5",
    UPSTASH_REDIS_REST_URL: await startProxy(upstash.url, () => "cache"),
    UPSTASH_REDIS_REST_TOKEN: TOKEN,
    OTEL_EXPORTER_OTLP_ENDPOINT: await startProxy("http://unused", () => "telemetry"),
    // Read by the frameworks: as many chunks to rerank as ours.
    CANDIDATES: String(CANDIDATES),
    LANGCHAIN_COLLECTION: "langchain",
    LLAMAINDEX_COLLECTION: "llamaindex",
    QDRANT_COLLECTION: "edge-rag",
    RAG_PUBLIC: "true",
  };
  return {
    env,
    directEnv: { ...env, OPENAI_BASE_URL: openai.url, QDRANT_URL: qdrant.url },
    qdrant,
    takeCalls() {
      const taken = calls;
      calls = {};
      return taken;
    },
    setTimes: (changed) => {
      times = changed;
    },
    useCache: (share) => {
      cachedShare = share;
      lookups = 0;
    },
    async close() {
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
      upstash.close();
      await Promise.all([openai.close(), qdrant.close(), rerank.close()]);
    },
  };
}

/** Sends the events of a stream one by one. Its first has no text, and comes with the next. */
async function respond(response: ServerResponse, { status, type, body }: ProxyResponse, eventMs: number) {
  if (eventMs === 0 || !type.startsWith("text/event-stream")) {
    response.writeHead(status, { "content-type": type, "content-length": body.length }).end(body);
    return;
  }
  const [first = "", second = "", ...others] = body.toString().split(/(?<=\n\n)/);
  response.writeHead(status, { "content-type": type }).write(first + second);
  for (const event of others) {
    await delay(eventMs);
    response.write(event);
  }
  response.end();
}

const EMPTY: ProxyResponse = { status: 200, type: "application/json", body: Buffer.from("{}") };

/** Upstash's response to MGET of one key each, one command or a pipeline of several, with those missing that may not hit. */
function withMisses(sent: Buffer, received: ProxyResponse, mayHit: () => boolean): ProxyResponse {
  const commands: unknown[] = JSON.parse(sent.toString());
  const results: unknown = JSON.parse(received.body.toString());
  const left = (result: unknown) => (mayHit() ? result : { result: [null] });
  const body = Array.isArray(commands[0]) && Array.isArray(results) ? results.map(left) : left(results);
  return { ...EMPTY, body: Buffer.from(JSON.stringify(body)) };
}

async function forward(url: string, method: string, headers: object, body: Buffer): Promise<ProxyResponse> {
  const { authorization, "upstash-encoding": encoding } = headers as Record<string, string | undefined>;
  const response = await fetch(url, {
    method,
    headers: {
      "content-type": "application/json",
      ...(authorization && { authorization }),
      ...(encoding && { "upstash-encoding": encoding }),
    },
    ...(method !== "GET" && { body: new Uint8Array(body) }),
  });
  const type = response.headers.get("content-type") ?? "application/json";
  return { status: response.status, type, body: Buffer.from(await response.arrayBuffer()) };
}

/** Whether a request to Qdrant changes something. */
function isWrite(path: string, body: Buffer): boolean {
  return /^\/collections\/[^/]+(?:\/index|\/points)?(?:\?|$)/.test(path) && !body.includes('"ids"');
}

/** Whether a cache lookup was a hit, so that its response may be cached. */
function isHit(body: Buffer, { body: result }: ProxyResponse): boolean {
  return body.includes('"mget"') && !result.includes("null");
}
