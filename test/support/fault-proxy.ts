import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";

/** Ways in which a service can fail. */
export const FAULTS = {
  refused: "connection refused",
  silent: "no response",
  reset: "reset in the middle of the body",
  failing: "500",
  unavailable: "503 with Retry-After",
  limited: "429 with Retry-After",
  malformed: "malformed JSON",
  shape: "JSON with an unexpected shape",
  slow: "10 times slower",
  tls: "TLS error",
} as const;

export type Fault = keyof typeof FAULTS;

export interface FaultProxyOptions {
  /** Base URL of the service. */
  target: string;
  /** Requests with the fault, by path and body; all by default. */
  only?: (path: string, body: string) => boolean;
  /** Usual latency in milliseconds, 0 by default. */
  usualMs?: number;
}

export interface FaultProxy {
  /** Replaces the target's URL. */
  url: string;
  /** A function is called for each request. */
  fault: Fault | undefined | (() => Fault | undefined);
  /** Number of requests with a fault. */
  hits: number;
  close(): void;
}

const RETRY_AFTER_SECONDS = "1";

/**
 * A proxy that forwards everything to a service until `fault` is set. It cannot refuse connections or fail at TLS while
 * it listens for plain HTTP: for these faults the client needs another URL, see test/tools/faults/services.ts.
 */
export async function startFaultProxy({
  target,
  only = () => true,
  usualMs = 0,
}: FaultProxyOptions): Promise<FaultProxy> {
  const { pathname: base, origin } = new URL(target);
  const proxy: FaultProxy = { url: "", fault: undefined, hits: 0, close };
  const server = createServer((incoming, outgoing) => {
    void handle(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${base === "/" ? "" : base}`;
  return proxy;

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const path = incoming.url ?? "/";
    const body = await buffer(incoming);
    const configured = only(path, body.toString()) ? proxy.fault : undefined;
    const fault = typeof configured === "function" ? configured() : configured;
    if (fault) proxy.hits += 1;
    if (fault === "silent") return;
    if (fault === "failing") return void outgoing.writeHead(500, { "content-type": "text/plain" }).end("no");
    if (fault === "unavailable" || fault === "limited") {
      const status = fault === "limited" ? 429 : 503;
      return void outgoing.writeHead(status, { "retry-after": RETRY_AFTER_SECONDS }).end("{}");
    }
    if (usualMs > 0) await delay(fault === "slow" ? 10 * usualMs : usualMs);
    const real = await forward(origin, incoming, body);
    const { "transfer-encoding": _, "content-length": __, ...headers } = real.headers;
    if (fault === "shape") return void json(outgoing, '{"hello":["world"]}');
    if (fault === "malformed") return void json(outgoing, `${real.body.toString().slice(0, -2)},,`);
    outgoing.writeHead(real.status, { ...headers, "content-length": String(real.body.length) });
    if (fault !== "reset") return void outgoing.end(real.body);
    outgoing.write(real.body.subarray(0, Math.floor(real.body.length / 2)));
    await delay(5); // Lets headers and half of the body arrive.
    outgoing.destroy();
  }

  function close(): void {
    server.closeAllConnections();
    server.close();
  }
}

function json(outgoing: ServerResponse, text: string): void {
  outgoing.writeHead(200, { "content-type": "application/json" }).end(text);
}

async function forward(origin: string, { method, url, headers }: IncomingMessage, body: Buffer) {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request(`${origin}${url}`, { method, headers: { ...headers, host: new URL(origin).host } }, resolve)
    .on("error", reject)
    .end(body);
  const response = await promise;
  return { status: response.statusCode ?? 502, headers: response.headers, body: await buffer(response) };
}
