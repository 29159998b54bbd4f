import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { memoryRedis } from "../../../support/memory-redis.ts";
import { startOpenAIServer } from "../../../support/openai-server.ts";
import { type FakeQdrant, startQdrantServer } from "../../../support/qdrant-server.ts";
import { startRerankServer } from "../../../support/rerank-server.ts";
import { startUpstashServer } from "../../../support/upstash-server.ts";

export type ServiceName = "embeddings" | "chat" | "qdrant" | "rerank" | "cache" | "telemetry";

/** Milliseconds that each service takes to answer. */
export type ServiceTimes = Partial<Record<ServiceName, number>>;

export interface Services {
  /** Where all contenders find them. */
  env: Record<string, string>;
  /** Past the front, to change what they hold. */
  behind: Record<string, string>;
  qdrant: FakeQdrant;
  /** Calls since the last reading, by service. */
  takeCalls(): Partial<Record<ServiceName, number>>;
  /** How long services take; at once when nothing is said. */
  answerAfter(times: ServiceTimes): void;
  /** Without a cache, nothing is found in it. */
  useCache(used: boolean): void;
  close(): Promise<void>;
}

interface Reply {
  status: number;
  type: string;
  body: Buffer;
}

const TOKEN = "scratch-token";

/**
 * The services of the pipeline on loopback, behind a front that remembers answers: whoever asks, and whatever it is, a
 * question that was asked before is answered after the same time.
 */
export async function startServices(): Promise<Services> {
  const openai = await startOpenAIServer({ chat: () => ({ content: "It is so [1], and so it is [2]." }) });
  const qdrant = await startQdrantServer();
  const rerank = await startRerankServer("cohere");
  const upstash = await startUpstashServer(memoryRedis().run, TOKEN);
  let times: ServiceTimes = {};
  let cached = true;
  let calls: Partial<Record<ServiceName, number>> = {};
  const servers: Server[] = [];

  async function front(target: string, nameOf: (path: string) => ServiceName): Promise<string> {
    const remembered = new Map<string, Reply>();
    async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
      const body = await buffer(request);
      const path = request.url ?? "/";
      const name = nameOf(path);
      calls[name] = (calls[name] ?? 0) + 1;
      const key = `${request.method} ${path} ${request.headers["upstash-encoding"]} ${body.toString("latin1")}`;
      let reply = name === "telemetry" ? EMPTY : remembered.get(key);
      if (!reply) {
        reply = await ask(new URL(target).origin + path, request.method ?? "GET", request.headers, body);
        const isRead = request.method === "GET" || (name === "cache" ? found(body, reply) : !isWrite(path, body));
        if (isRead) remembered.set(key, reply);
      }
      if (name === "cache" && !cached && body.includes('"mget"')) reply = nothing(path);
      const send = () =>
        response
          .writeHead(reply.status, { "content-type": reply.type, "content-length": reply.body.length })
          .end(reply.body);
      const ms = times[name] ?? 0;
      if (ms === 0) send();
      else setTimeout(send, ms);
    }
    const server = createServer((request, response) => {
      void serve(request, response).catch((error: Error) => response.destroy(error));
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const openaiFront = await front(openai.url, (path) => (path.endsWith("/embeddings") ? "embeddings" : "chat"));
  const rerankFront = await front(rerank.url, () => "rerank");
  const env = {
    OPENAI_API_KEY: "sk-test",
    OPENAI_BASE_URL: `${openaiFront}/v1`,
    QDRANT_URL: await front(qdrant.url, () => "qdrant"),
    RERANK_URL: `${rerankFront}${new URL(rerank.url).pathname}`,
    RERANK_API_KEY: "key",
    RERANK_MODEL: "rerank-v3.5",
    UPSTASH_REDIS_REST_URL: await front(upstash.url, () => "cache"),
    UPSTASH_REDIS_REST_TOKEN: TOKEN,
    OTEL_EXPORTER_OTLP_ENDPOINT: await front("http://unused", () => "telemetry"),
    LANGCHAIN_COLLECTION: "langchain",
    LLAMAINDEX_COLLECTION: "llamaindex",
    QDRANT_COLLECTION: "edge-rag",
    RAG_PUBLIC: "true",
  };
  return {
    env,
    behind: { ...env, OPENAI_BASE_URL: openai.url, QDRANT_URL: qdrant.url },
    qdrant,
    takeCalls() {
      const taken = calls;
      calls = {};
      return taken;
    },
    answerAfter: (changed) => {
      times = changed;
    },
    useCache: (used) => {
      cached = used;
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

const EMPTY: Reply = { status: 200, type: "application/json", body: Buffer.from("{}") };

/** Upstash's answer to MGET of one key that is not there: of a pipeline, a list of answers. */
function nothing(path: string): Reply {
  const result = { result: [null] };
  return { ...EMPTY, body: Buffer.from(JSON.stringify(path === "/pipeline" ? [result] : result)) };
}

async function ask(url: string, method: string, headers: object, body: Buffer): Promise<Reply> {
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

/** Whether the answer of Qdrant or of a model changes something. */
function isWrite(path: string, body: Buffer): boolean {
  return /^\/collections\/[^/]+(?:\/index|\/points)?(?:\?|$)/.test(path) && !body.includes('"ids"');
}

/** Whether a cache's answer stays: something that was asked for and found. */
function found(body: Buffer, { body: answer }: Reply): boolean {
  return body.includes('"mget"') && !answer.includes("null");
}
