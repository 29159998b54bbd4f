import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { type ChatRequest, type ChatSays, chatAnswer, chatChunks } from "./openai-chat.ts";
import { embeddingsAnswer, embeddingsProblem } from "./openai-embeddings.ts";

export type Endpoint = "embeddings" | "chat" | "models";

/** Instead of the answer that a request would get. */
export type Failure =
  /** OpenAI's error body around `error`; `retry-after` and the like as headers. */
  | { kind: "status"; status: number; error?: ServiceError; headers?: Record<string, string> }
  /** This text, as it is; with status 200 when none is given. */
  | { kind: "body"; text: string; contentType?: string; status?: number }
  /** The answer up to the middle, then a reset; or a reset before its first byte. */
  | { kind: "reset"; midBody?: boolean }
  /** The headers and half of the body, then nothing; or nothing at all. */
  | { kind: "silence"; midBody?: boolean }
  /** The answer after this time. */
  | { kind: "slow"; ms: number };

export interface ServiceError {
  message: string;
  type?: string | null;
  code?: string | number | null;
  param?: string | null;
}

export interface OpenAIServerOptions {
  /** Other keys, and none, are refused; without it all are welcome. */
  apiKey?: string;
  /** Size of vectors that are asked for without `dimensions`. */
  dimensions?: number;
  /** Vectors as numbers whatever was asked, as some servers do. */
  floatsOnly?: boolean;
  /** What the model says, its words one delta each when streamed. */
  chat?: (request: ChatRequest) => ChatSays;
  /** Between two deltas of a stream. */
  tokenDelayMs?: number;
}

export interface OpenAIRequest {
  endpoint: Endpoint;
  headers: IncomingHttpHeaders;
  body: Record<string, unknown>;
  /** Whether the client went away before the answer was whole. */
  aborted: boolean;
  /** When the answer was whole, or broken off: `performance.now()` of this process. */
  endedAt?: number;
}

export interface OpenAIServer {
  /** For `baseURL`. */
  url: string;
  requests: OpenAIRequest[];
  /** The next requests to the endpoint fail like this, one each. */
  failNext(endpoint: Endpoint, ...failures: Failure[]): void;
  /** Every request to the endpoint fails like this, until `undefined` is given. */
  failAlways(endpoint: Endpoint, failure: Failure | undefined): void;
  /** Breaks off what is still under way. */
  close(): Promise<void>;
}

/**
 * A server on a free port of loopback that speaks OpenAI's protocol: embeddings, chat completions, and a list of no
 * models.
 */
export async function startOpenAIServer(options: OpenAIServerOptions = {}): Promise<OpenAIServer> {
  const requests: OpenAIRequest[] = [];
  const next: Record<Endpoint, Failure[]> = { embeddings: [], chat: [], models: [] };
  const always: Partial<Record<Endpoint, Failure | undefined>> = {};
  const server = createServer((request, response) => {
    void serve(request, response).catch((error: unknown) => response.destroy(error as Error));
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = Buffer.concat(await request.toArray()).toString();
    const endpoint = ENDPOINTS.get(`${request.method} ${request.url}`);
    if (!endpoint) return refuse(response, 404, { message: `Invalid URL (${request.method} ${request.url})` });
    const body = JSON.parse(text || "{}");
    const record: OpenAIRequest = { endpoint, headers: request.headers, body, aborted: false };
    requests.push(record);
    response.once("close", () => {
      record.aborted = !response.writableFinished;
      record.endedAt = performance.now();
    });
    const { authorization } = request.headers;
    if (options.apiKey !== undefined && authorization !== `Bearer ${options.apiKey}`) {
      const message = `Incorrect API key provided: ${authorization}. You can find your API key in your account.`;
      return refuse(response, 401, { message, type: "invalid_request_error", code: "invalid_api_key" });
    }
    const failure = next[endpoint].shift() ?? always[endpoint];
    if (failure && (await fail(response, failure)) === "failed") return;
    await answer(endpoint, body, response, failure);
  }

  async function answer(
    endpoint: Endpoint,
    body: ChatRequest & Parameters<typeof embeddingsAnswer>[0],
    response: ServerResponse,
    failure: Failure | undefined,
  ): Promise<void> {
    if (endpoint === "embeddings") {
      const problem = embeddingsProblem(body);
      if (problem) return refuse(response, 400, { ...problem, type: "invalid_request_error" });
      return send(response, JSON.stringify(embeddingsAnswer(body, options)), failure);
    }
    if (endpoint === "models") return send(response, JSON.stringify({ object: "list", data: [] }), failure);
    const says = options.chat?.(body) ?? { content: "It is so [1]." };
    if (!body.stream) return send(response, JSON.stringify(chatAnswer(body, says)), failure);
    response.writeHead(200, { "content-type": "text/event-stream" });
    const chunks = chatChunks(body, says);
    for (const [index, chunk] of chunks.entries()) {
      if (response.destroyed) return;
      if (breaksOff(failure) && index >= chunks.length / 2) return breakOff(response, failure);
      response.write(`data: ${JSON.stringify(chunk)}\n\n`);
      if (options.tokenDelayMs) await delay(options.tokenDelayMs);
    }
    response.end("data: [DONE]\n\n");
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    failNext: (endpoint, ...failures) => void next[endpoint].push(...failures),
    failAlways: (endpoint, failure) => {
      always[endpoint] = failure;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const ENDPOINTS = new Map<string, Endpoint>([
  ["POST /v1/embeddings", "embeddings"],
  ["POST /v1/chat/completions", "chat"],
  ["GET /v1/models", "models"],
]);

const JSON_HEADERS = { "content-type": "application/json", "x-request-id": "req_123" };

function refuse(response: ServerResponse, status: number, error: ServiceError, headers = {}): void {
  const body = JSON.stringify({ error: { type: null, code: null, param: null, ...error } });
  response.writeHead(status, { ...JSON_HEADERS, ...headers }).end(body);
}

function send(response: ServerResponse, body: string, failure: Failure | undefined): void {
  response.writeHead(200, { ...JSON_HEADERS, "content-length": Buffer.byteLength(body) });
  if (!breaksOff(failure)) response.end(body);
  else response.write(body.slice(0, body.length / 2), () => breakOff(response, failure));
}

/** Whether the answer begins and does not end. */
function breaksOff(failure: Failure | undefined): failure is Failure & { midBody: true } {
  return (failure?.kind === "reset" || failure?.kind === "silence") && failure.midBody === true;
}

function breakOff(response: ServerResponse, failure: Failure): void {
  // Later: a reset takes along what the client has not read yet.
  if (failure.kind === "reset") setTimeout(() => response.socket?.resetAndDestroy(), 30);
}

/** Fails at once where nothing of the answer is wanted; "goes on" where it is. */
async function fail(response: ServerResponse, failure: Failure): Promise<"failed" | "goes on"> {
  if (failure.kind === "slow") await delay(failure.ms);
  if (failure.kind === "slow" || breaksOff(failure)) return "goes on";
  if (failure.kind === "reset") response.socket?.resetAndDestroy();
  if (failure.kind === "body") {
    const { contentType = "application/json", status = 200 } = failure;
    response.writeHead(status, { ...JSON_HEADERS, "content-type": contentType });
    response.end(failure.text);
  }
  if (failure.kind === "status") {
    const { status, error = { message: "The server had an error", type: "server_error" }, headers } = failure;
    refuse(response, status, error, headers);
  }
  return "failed";
}
