import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";

/** What a service can do instead of answering. */
export const FAULTS = {
  refused: "connection refused",
  silent: "no answer",
  reset: "reset in the middle of the body",
  failing: "500",
  unavailable: "503 with Retry-After",
  limited: "429 with Retry-After",
  malformed: "malformed JSON",
  shape: "JSON of another shape",
  slow: "10 times as slow",
  tls: "TLS error",
} as const;

export type Fault = keyof typeof FAULTS;

export interface FaultProxyOptions {
  /** Base URL of the real thing. */
  target: string;
  /** Which paths have the fault; the others work. */
  only?: (path: string) => boolean;
  /** Milliseconds an answer usually takes; none when absent. */
  usualMs?: number;
}

export interface FaultProxy {
  /** To be used in the target's place. */
  url: string;
  /** Of each request, where it is a function. */
  fault: Fault | undefined | (() => Fault | undefined);
  /** Requests that met a fault. */
  hits: number;
  close(): void;
}

const RETRY_AFTER_SECONDS = "1";

/**
 * A server in front of a service that passes everything on, until it is told to have a fault. It cannot refuse a
 * connection or fail at TLS while it listens for plain HTTP: whoever asks has to ask elsewhere, see
 * test/tools/faults/services.ts.
 */
export async function startFaultProxy({
  target,
  only = () => true,
  usualMs = 0,
}: FaultProxyOptions): Promise<FaultProxy> {
  const { pathname: base, origin } = new URL(target);
  const proxy: FaultProxy = { url: "", fault: undefined, hits: 0, close };
  const server = createServer((incoming, outgoing) => {
    void answer(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${base === "/" ? "" : base}`;
  return proxy;

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const path = incoming.url ?? "/";
    const given = only(path) ? proxy.fault : undefined;
    const fault = typeof given === "function" ? given() : given;
    const body = await buffer(incoming);
    if (fault) proxy.hits += 1;
    if (fault === "silent") return;
    if (fault === "failing") return void outgoing.writeHead(500, { "content-type": "text/plain" }).end("no");
    if (fault === "unavailable" || fault === "limited") {
      const status = fault === "limited" ? 429 : 503;
      return void outgoing.writeHead(status, { "retry-after": RETRY_AFTER_SECONDS }).end("{}");
    }
    if (usualMs > 0) await delay(fault === "slow" ? 10 * usualMs : usualMs);
    const real = await pass(origin, incoming, body);
    const { "transfer-encoding": _, "content-length": __, ...headers } = real.headers;
    if (fault === "shape") return void json(outgoing, '{"hello":["world"]}');
    if (fault === "malformed") return void json(outgoing, `${real.body.toString().slice(0, -2)},,`);
    outgoing.writeHead(real.status, { ...headers, "content-length": String(real.body.length) });
    if (fault !== "reset") return void outgoing.end(real.body);
    outgoing.write(real.body.subarray(0, Math.floor(real.body.length / 2)));
    await delay(5); // so that headers and half the body are on their way
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

async function pass(origin: string, { method, url, headers }: IncomingMessage, body: Buffer) {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request(`${origin}${url}`, { method, headers: { ...headers, host: new URL(origin).host } }, resolve)
    .on("error", reject)
    .end(body);
  const answer = await promise;
  return { status: answer.statusCode ?? 502, headers: answer.headers, body: await buffer(answer) };
}
