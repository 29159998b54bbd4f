import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as delay, setImmediate as nextTurn } from "node:timers/promises";
import { settlesWithin } from "#async/time-limit.ts";
import { toRequest } from "./request.ts";
import { sendResponse } from "./response.ts";

export interface HttpServer {
  /** `http://127.0.0.1:3000`. */
  url: string;
  /**
   * Ends each connection with its next response, soon accepts no more, and settles when all requests are answered, or after
   * a time limit.
   */
  close(limitMs: number): Promise<void>;
}

/** Milliseconds, against clients that hold connections by sending slowly. */
const LIMITS = {
  headersTimeout: 10_000,
  /** Of the whole request: as API Gateway's, which is the longest that a function may take. */
  requestTimeout: 30_000,
  /** Longer than load balancers keep a connection, mostly 60 s: otherwise they use one that was just closed. */
  keepAliveTimeout: 65_000,
  /** Node.js responds with 431 above. */
  maxHeaderSize: 16_384,
};
/**
 * How long a request may be on its way when the server is told to close: on a new connection, and on a kept one. HTTP/1.1
 * cannot tell a client not to send one; it only sees that its connection ends.
 */
const ON_ITS_WAY_MS = 500;
const ON_ITS_WAY_KEPT_MS = 2_000;

/**
 * Serves requests with Node.js' own HTTP server.
 *
 * @param answer must not reject
 * @throws Error of the operating system when it cannot listen there
 */
export async function startHttpServer(
  answer: (request: Request) => Promise<Response>,
  { host, port }: { host: string; port: number },
): Promise<HttpServer> {
  const unanswered = new Set<ServerResponse>();
  const allAnswered = Promise.withResolvers<void>();
  const kept = new Set<Socket>();
  let isClosing = false;
  let isClosed = false;

  async function respond(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { socket } = incoming;
    if (!kept.has(socket)) socket.once("close", () => kept.delete(socket));
    kept.add(socket);
    unanswered.add(outgoing);
    outgoing.once("close", () => {
      unanswered.delete(outgoing);
      if (isClosed && unanswered.size === 0) allAnswered.resolve();
    });
    if (isClosing) outgoing.setHeader("connection", "close");
    // It rejects when the caller has gone: nobody is left to answer.
    const request = await toRequest(incoming).catch(() => undefined);
    if (request) await sendResponse(await answer(request), outgoing);
    else outgoing.destroy();
  }

  const server = createServer(LIMITS, (incoming, outgoing) => {
    respond(incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.listen(port, host);
  await once(server, "listening");
  const { address, family, port: actual } = server.address() as AddressInfo;

  return {
    url: `http://${family === "IPv6" ? `[${address}]` : address}:${actual}`,
    async close(limitMs) {
      isClosing = true;
      for (const outgoing of unanswered) if (!outgoing.headersSent) outgoing.setHeader("connection", "close");
      const started = performance.now();
      await delay(Math.min(ON_ITS_WAY_MS, limitMs));
      while (kept.size > 0 && performance.now() - started < Math.min(ON_ITS_WAY_KEPT_MS, limitMs)) await delay(50);
      // What arrived while this thread was busy is read first.
      await nextTurn();
      server.close();
      isClosed = true;
      if (unanswered.size > 0) await settlesWithin(allAnswered.promise, limitMs);
      server.closeAllConnections();
    },
  };
}
