import type { ClientRequest, IncomingMessage } from "node:http";
import { awakeTimeout } from "./awake-timeout.ts";
import type { Answer } from "./channel.ts";
import { readAnswer } from "./otlp-answer.ts";

export interface OtlpEndpoint {
  url: URL;
  headers: Readonly<Record<string, string>>;
  compression: "gzip" | "none";
  /** Milliseconds from the first attempt to connect to the last byte of the answer. */
  timeoutMs: number;
}

export interface Transport {
  /** Posts a JSON body. Never rejects. */
  send(body: Uint8Array): Promise<Answer>;
  close(): void;
}

/** A connection that is not there by then will not be worth waiting for. */
const CONNECT_TIMEOUT_MS = 1_000;

/** Firewalls and NAT gateways forget quiet connections without a word, after minutes; collectors close them sooner. */
const IDLE_MS = 30_000;

/** Of an answer's body. What goes on longer is not read to its end. */
const MAX_ANSWER_BYTES = 64 * 1_024;

/**
 * OTLP/HTTP with one attempt for a request: retries are for later flushes. Only a kept-alive connection that turns out
 * to be dead is replaced at once, as that says nothing about the collector (RFC 9110, 9.2.2).
 */
export function createTransport({ url, headers, compression, timeoutMs }: OtlpEndpoint): Transport {
  /** Loaded with the first request, which is after the first response: a cold start does not wait for it. */
  let client: ReturnType<typeof loadClient> | undefined;

  async function send(body: Uint8Array): Promise<Answer> {
    try {
      client ??= loadClient(url.protocol, compression);
      const { request, agent, compress } = await client;
      const payload = compress ? await compress(body) : body;
      const fixed = { "content-type": "application/json", ...(compress && { "content-encoding": "gzip" }) };
      const open = () =>
        request(url, { method: "POST", agent, headers: { "user-agent": "edge-rag", ...headers, ...fixed } });
      const answer = await attempt(open(), payload, timeoutMs);
      if (answer !== "stale") return answer;
      const second = await attempt(open(), payload, timeoutMs);
      return second === "stale" ? unavailable("ECONNRESET") : second;
    } catch (error) {
      return unavailable(codeOf(error));
    }
  }

  return {
    send,
    close() {
      void client?.then(
        ({ agent }) => agent.destroy(),
        () => {},
      );
    },
  };
}

async function loadClient(protocol: string, compression: OtlpEndpoint["compression"]) {
  // Not imported, as in lib/providers/http-fetch.ts.
  const { request, Agent } =
    protocol === "https:" ? process.getBuiltinModule("node:https") : process.getBuiltinModule("node:http");
  const agent = new Agent({ keepAlive: true, timeout: IDLE_MS });
  if (compression === "none") return { request, agent };
  const [{ gzip }, { promisify }] = await Promise.all([import("node:zlib"), import("node:util")]);
  return { request, agent, compress: promisify<Uint8Array, Buffer>(gzip) };
}

function attempt(request: ClientRequest, payload: Uint8Array, timeoutMs: number): Promise<Answer | "stale"> {
  const { promise, resolve } = Promise.withResolvers<Answer | "stale">();
  let response: IncomingMessage | undefined;
  let body = "";
  let received = 0;

  /** The first outcome counts. */
  function settle(otherwise: Answer | "stale"): void {
    stopWaiting();
    stopConnecting();
    // A status that came says it all, also when the rest of the answer did not come.
    resolve(response ? readAnswer(toHttpAnswer(response, response.complete ? body : "")) : otherwise);
  }
  function giveUp(reason: string): void {
    settle(unavailable(reason));
    request.destroy();
  }

  const stopWaiting = awakeTimeout(timeoutMs, () => giveUp("timeout"));
  let stopConnecting = () => {};
  request.on("socket", (socket) => {
    received = socket.bytesRead;
    if (!socket.connecting) return;
    stopConnecting = awakeTimeout(Math.min(timeoutMs, CONNECT_TIMEOUT_MS), () => giveUp("connect_timeout"));
    socket.once("encrypted" in socket ? "secureConnect" : "connect", stopConnecting);
  });
  request.on("response", (incoming) => {
    response = incoming;
    response.setEncoding("utf8");
    response.on("data", (part: string) => {
      body += part;
      if (body.length > MAX_ANSWER_BYTES) giveUp("answer_too_long");
    });
    response.on("error", () => {});
    response.on("close", () => settle(unavailable("ECONNRESET")));
  });
  request.on("error", (error) => {
    const code = codeOf(error);
    const died = code === "ECONNRESET" || code === "EPIPE";
    const stale = died && request.reusedSocket && request.socket?.bytesRead === received;
    settle(stale ? "stale" : unavailable(code));
  });
  request.on("close", () => settle(unavailable("ECONNRESET")));
  request.end(payload);
  return promise;
}

function toHttpAnswer({ statusCode = 0, headers }: IncomingMessage, body: string) {
  return { status: statusCode, retryAfter: headers["retry-after"], body };
}

function unavailable(reason: string): Answer {
  return { outcome: "unavailable", reason };
}

/** Never a message: it may quote a header. */
function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "_OTHER";
}
