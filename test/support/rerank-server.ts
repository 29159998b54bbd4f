import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { RERANK_DIALECTS, type RerankBody, type RerankDialectName, scoredByWords } from "./rerank-dialects.ts";

/** How a request fails instead of its usual response. */
export type RerankFailure =
  /** The dialect's error body or `body`; `retry-after` and the like as headers. */
  | { kind: "status"; status: number; body?: unknown; headers?: Record<string, string> }
  /** This text as the body, with status 200. */
  | { kind: "body"; text: string }
  /** A reset before the first byte or, with `midBody`, in the middle of the response. */
  | { kind: "reset"; midBody?: boolean }
  /** No response or, with `midBody`, headers and half of the body, then nothing. */
  | { kind: "silence"; midBody?: boolean }
  /** The usual response after this time. */
  | { kind: "slow"; ms: number };

export interface RerankServerOptions {
  /** Rejects requests with another key or none; by default all are accepted. */
  apiKey?: string;
}

export interface RerankRequest {
  headers: IncomingHttpHeaders;
  body: RerankBody;
  /** Whether the client disconnected before the response was complete. */
  aborted: boolean;
}

export interface RerankServer {
  /** The endpoint. */
  url: string;
  /** All rerank requests so far, including rejected ones. */
  requests: RerankRequest[];
  /** Each of the next requests fails with one of these. */
  failNext(...failures: RerankFailure[]): void;
  /** Every request fails like this until called with `undefined`. */
  failAlways(failure: RerankFailure | undefined): void;
  /** Aborts pending requests. */
  close(): Promise<void>;
}

/**
 * A fake reranking server on a free loopback port that scores by words, with the protocol of the named service.
 */
export async function startRerankServer(
  name: RerankDialectName,
  { apiKey }: RerankServerOptions = {},
): Promise<RerankServer> {
  const dialect = RERANK_DIALECTS[name];
  const requests: RerankRequest[] = [];
  const next: RerankFailure[] = [];
  let always: RerankFailure | undefined;
  const server = createServer((request, response) => {
    void serve(request, response).catch((error: unknown) => response.destroy(error as Error));
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const sent = await text(request);
    if (request.url !== dialect.path) return send(response, 404, dialect.error(404, "Not Found"));
    if (request.method !== "POST") return send(response, 405, dialect.error(405, "Method Not Allowed"));
    const record: RerankRequest = { headers: request.headers, body: JSON.parse(sent), aborted: false };
    requests.push(record);
    response.once("close", () => {
      record.aborted = !response.writableFinished;
    });
    const { authorization } = request.headers;
    if (apiKey !== undefined && authorization !== `Bearer ${apiKey}`) {
      return send(response, 401, dialect.error(401, `invalid api token: ${authorization}`));
    }
    const failure = next.shift() ?? always;
    if (failure?.kind === "slow") await delay(failure.ms);
    else if (failure && !failsMidBody(failure)) return fail(response, failure);
    const problem = dialect.problem(record.body);
    if (problem) return send(response, problem.status, problem.body);
    send(response, 200, dialect.response(record.body, scoredByWords(record.body)), failure);
  }

  function fail(response: ServerResponse, failure: RerankFailure): void {
    if (failure.kind === "reset") response.socket?.resetAndDestroy();
    if (failure.kind === "body") response.writeHead(200, JSON_HEADERS).end(failure.text);
    if (failure.kind !== "status") return;
    const { status, body = dialect.error(status, "it failed"), headers = {} } = failure;
    response.writeHead(status, { ...JSON_HEADERS, ...headers }).end(JSON.stringify(body));
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${dialect.path}`,
    requests,
    failNext: (...failures) => void next.push(...failures),
    failAlways: (failure) => {
      always = failure;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const JSON_HEADERS = { "content-type": "application/json" };

function send(response: ServerResponse, status: number, value: unknown, failure?: RerankFailure): void {
  const body = JSON.stringify(value);
  response.writeHead(status, { ...JSON_HEADERS, "content-length": Buffer.byteLength(body) });
  if (!failsMidBody(failure)) response.end(body);
  else response.write(body.slice(0, body.length / 2), () => failMidBody(response, failure));
}

/** Whether the response starts but does not complete. */
function failsMidBody(failure: RerankFailure | undefined): failure is RerankFailure & { midBody: true } {
  return (failure?.kind === "reset" || failure?.kind === "silence") && failure.midBody === true;
}

function failMidBody(response: ServerResponse, failure: RerankFailure): void {
  // Delayed: a reset discards what the client has not read yet.
  if (failure.kind === "reset") setTimeout(() => response.socket?.resetAndDestroy(), 30);
}
