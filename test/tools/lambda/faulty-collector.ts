import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { Ledger } from "./ledger.ts";

/** How the collector handles requests from now on. */
export type Mode =
  /** Accepts everything. */
  | { kind: "healthy" }
  /** Closes its port: ECONNREFUSED. */
  | { kind: "refuse" }
  /** Reads the request and never responds. */
  | { kind: "silent" }
  /** Resets the connection after the first chunk of the request body. */
  | { kind: "reset" }
  /** Responds with an error status and, if set, `Retry-After` in seconds or as an HTTP date. */
  | { kind: "status"; status: number; retryAfter?: number | Date }
  /** Responds 200 with `partialSuccess`: the first `rejected` spans or data points of each request are not recorded. */
  | { kind: "partial"; rejected: number; message?: string }
  /** Sends a success response, status line included, one byte per second (or per `byteMs` milliseconds). */
  | { kind: "trickle"; byteMs?: number };

export interface Received {
  path: string;
  /** When its headers arrived: `performance.now()` of this process. */
  at: number;
  headers: IncomingHttpHeaders;
  mode: Mode["kind"];
  /** Bytes of the body as sent; 0 until it is complete. */
  bytes: number;
  /** The body, decompressed; "" unless `keepBodies` is set. */
  text: string;
}

const HEALTHY: Mode = { kind: "healthy" };

/**
 * An OTLP/HTTP collector (JSON, optionally gzipped) on loopback that can be set to fail. `ledger` holds what it
 * accepted, `requests` everything that arrived. A request is accepted only once its success response was sent
 * completely, so resending after a missing response is not a duplicate.
 */
export class FaultyCollector {
  readonly ledger = new Ledger();
  readonly requests: Received[] = [];
  /** Bodies that were not OTLP/JSON. */
  readonly malformed: string[] = [];
  readonly #server: Server;
  readonly #keepBodies: boolean;
  #mode: Mode = HEALTHY;
  #port = 0;

  private constructor(keepBodies: boolean) {
    this.#keepBodies = keepBodies;
    this.#server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, (request, response) => {
      this.#receive(request, response).catch(() => request.socket.destroy());
    });
  }

  /** Starts on a free port. */
  static async start(mode: Mode = HEALTHY, { keepBodies = false } = {}): Promise<FaultyCollector> {
    const collector = new FaultyCollector(keepBodies);
    await collector.#listen();
    await collector.become(mode);
    return collector;
  }

  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`; does not change while the port is closed. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get mode(): Mode {
    return this.#mode;
  }

  /** Switches the mode. Open connections stay open, except with `refuse`. */
  async become(mode: Mode): Promise<void> {
    this.#mode = mode;
    if (mode.kind === "refuse") await this.close();
    else if (!this.#server.listening) await this.#listen();
  }

  /** Refuses connections for `ms` milliseconds, then is healthy again. */
  async outage(ms: number): Promise<void> {
    await this.become({ kind: "refuse" });
    await new Promise((resolve) => setTimeout(resolve, ms));
    await this.become(HEALTHY);
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #listen(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once("error", reject).listen(this.#port, "127.0.0.1", resolve);
    await promise;
    this.#server.removeListener("error", reject);
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const mode = this.#mode;
    const { url: path = "", headers } = request;
    const received: Received = { path, at: performance.now(), headers, mode: mode.kind, bytes: 0, text: "" };
    this.requests.push(received);
    if (mode.kind === "reset") {
      request.once("data", () => request.socket.resetAndDestroy());
      return;
    }
    const body = await buffer(request);
    received.bytes = body.length;
    const text = (headers["content-encoding"] === "gzip" ? gunzipSync(body) : body).toString();
    if (this.#keepBodies) received.text = text;
    if (!(await respond(mode, path, response))) return;
    this.#record(received, text, mode.kind === "partial" ? mode.rejected : 0);
  }

  #record({ path, at }: Received, text: string, rejected: number): void {
    try {
      const payload = JSON.parse(text);
      if (path.endsWith("/v1/traces")) this.ledger.addTraces(payload, at, rejected);
      else this.ledger.addMetrics(payload, rejected);
    } catch {
      this.malformed.push(text.slice(0, 200));
    }
  }
}

/** @returns whether a complete success response was sent. */
async function respond(mode: Mode, path: string, response: ServerResponse): Promise<boolean> {
  switch (mode.kind) {
    case "healthy":
      response.writeHead(200, JSON_BODY).end("{}");
      return true;
    case "partial": {
      const count = path.endsWith("/v1/traces") ? "rejectedSpans" : "rejectedDataPoints";
      const partialSuccess = { [count]: String(mode.rejected), errorMessage: mode.message ?? "too old" };
      response.writeHead(200, JSON_BODY).end(JSON.stringify({ partialSuccess }));
      return true;
    }
    case "status":
      response.writeHead(mode.status, { ...JSON_BODY, ...retryAfter(mode.retryAfter) });
      response.end(JSON.stringify({ code: 14, message: "not now" }));
      return false;
    case "trickle":
      return trickle(response, mode.byteMs ?? 1_000);
    default:
      return false;
  }
}

const JSON_BODY = { "content-type": "application/json" };

function retryAfter(value: number | Date | undefined): Record<string, string> {
  if (value === undefined) return {};
  return { "retry-after": typeof value === "number" ? String(value) : value.toUTCString() };
}

async function trickle({ socket }: ServerResponse, byteMs: number): Promise<boolean> {
  if (!socket) return false;
  for (const byte of "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}") {
    await new Promise((resolve) => setTimeout(resolve, byteMs));
    if (socket.destroyed) return false;
    socket.write(byte);
  }
  socket.end();
  return true;
}
