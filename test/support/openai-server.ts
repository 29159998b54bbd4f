import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { type ChatReply, type ChatRequest, chatChunks, chatCompletion } from "./openai-chat.ts";
import { embeddingsProblem, embeddingsResponse } from "./openai-embeddings.ts";
import type { Failure, ServiceError } from "./openai-failure.ts";
import type { ChatQuirk } from "./openai-quirks.ts";

export type { Failure } from "./openai-failure.ts";

export type Endpoint = "embeddings" | "chat" | "models";

export interface OpenAIServerOptions {
  /** Rejects requests with another key or none; by default all are accepted. */
  apiKey?: string;
  /** Size of vectors requested without `dimensions`. */
  dimensions?: number;
  /** Always returns vectors as numbers, ignoring `encoding_format`, as some servers do. */
  floatsOnly?: boolean;
  /** How a request for embeddings of these texts fails, if it does. */
  refuse?: (texts: readonly string[]) => Failure | undefined;
  /** The model's reply, streamed as one delta per word. */
  chat?: (request: ChatRequest) => ChatReply;
  /** How chat completions differ from OpenAI's. */
  chatQuirk?: ChatQuirk;
  /** Milliseconds between two deltas of a stream. */
  tokenDelayMs?: number;
  /** Called after each delta of a stream that has text; the next is made once what it returns is settled. */
  onDelta?: (text: string) => Promise<void>;
}

export interface OpenAIRequest {
  endpoint: Endpoint;
  headers: IncomingHttpHeaders;
  body: Record<string, unknown>;
  /** Whether the client disconnected before the response was complete. */
  aborted: boolean;
  /** When the response was complete or aborted: `performance.now()` of this process. */
  endedAt?: number;
}

export interface OpenAIServer {
  /** For `baseURL`. */
  url: string;
  requests: OpenAIRequest[];
  /** Each of the next requests to the endpoint fails with one of these. */
  failNext(endpoint: Endpoint, ...failures: Failure[]): void;
  /** Every request to the endpoint fails like this until called with `undefined`. */
  failAlways(endpoint: Endpoint, failure: Failure | undefined): void;
  /** Aborts pending requests. */
  close(): Promise<void>;
}

/**
 * A fake OpenAI server on a free loopback port: embeddings, chat completions, and an empty list of models.
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
    const refused = endpoint === "embeddings" ? options.refuse?.([body.input].flat()) : undefined;
    const failure = next[endpoint].shift() ?? always[endpoint] ?? refused;
    if (failure && (await fail(response, failure)) === "failed") return;
    await respond(endpoint, body, response, failure);
  }

  async function respond(
    endpoint: Endpoint,
    body: ChatRequest & Parameters<typeof embeddingsResponse>[0],
    response: ServerResponse,
    failure: Failure | undefined,
  ): Promise<void> {
    if (endpoint === "embeddings") {
      const problem = embeddingsProblem(body);
      if (problem) return refuse(response, 400, { ...problem, type: "invalid_request_error" });
      return send(response, JSON.stringify(embeddingsResponse(body, options)), failure);
    }
    if (endpoint === "models") return send(response, JSON.stringify({ object: "list", data: [] }), failure);
    const reply = options.chat?.(body) ?? { content: "It is so [1]." };
    const quirk = options.chatQuirk ?? {};
    const refusal = quirk.refuse?.({ ...body });
    if (refusal) return void (await fail(response, refusal));
    const completion = chatCompletion(body, reply);
    const whole = quirk.whole ? quirk.whole(completion) : completion;
    if (!body.stream || quirk.ignoresStream) return send(response, JSON.stringify(whole), failure, quirk.headers);
    response.writeHead(200, { "content-type": "text/event-stream", ...quirk.headers });
    const chunks = quirk.chunks ? quirk.chunks(chatChunks(body, reply)) : chatChunks(body, reply);
    const { event = (data) => `data: ${data}\n\n`, done = "data: [DONE]\n\n" } = quirk;
    for (const [index, chunk] of chunks.entries()) {
      if (response.destroyed) return;
      if (failsMidBody(failure) && index >= chunks.length / 2) return failMidBody(response, failure);
      response.write(event(JSON.stringify(chunk)));
      if (options.tokenDelayMs) await delay(options.tokenDelayMs);
      const text = textOf(chunk);
      if (text !== "") await options.onDelta?.(text);
    }
    response.end(done);
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

/** @param chunk also one of a server that is not quite OpenAI's */
function textOf(chunk: unknown): string {
  const { choices } = chunk as Partial<ReturnType<typeof chatChunks>[number]>;
  const text = choices?.[0]?.delta?.content;
  return typeof text === "string" ? text : "";
}

const JSON_HEADERS = { "content-type": "application/json", "x-request-id": "req_123" };

function refuse(response: ServerResponse, status: number, error: ServiceError, headers = {}): void {
  const body = JSON.stringify({ error: { type: null, code: null, param: null, ...error } });
  response.writeHead(status, { ...JSON_HEADERS, ...headers }).end(body);
}

function send(response: ServerResponse, body: string, failure: Failure | undefined, headers = {}): void {
  response.writeHead(200, { ...JSON_HEADERS, ...headers, "content-length": Buffer.byteLength(body) });
  if (!failsMidBody(failure)) response.end(body);
  else response.write(body.slice(0, body.length / 2), () => failMidBody(response, failure));
}

/** Whether the response starts but does not complete. */
function failsMidBody(failure: Failure | undefined): failure is Failure & { midBody: true } {
  return (failure?.kind === "reset" || failure?.kind === "silence") && failure.midBody === true;
}

function failMidBody(response: ServerResponse, failure: Failure): void {
  // Delayed: a reset discards what the client has not read yet.
  if (failure.kind === "reset") setTimeout(() => response.socket?.resetAndDestroy(), 30);
}

/** Applies a failure before the response; "continue" when the response must still be sent. */
async function fail(response: ServerResponse, failure: Failure): Promise<"failed" | "continue"> {
  if (failure.kind === "slow") await delay(failure.ms);
  if (failure.kind === "slow" || failsMidBody(failure)) return "continue";
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
