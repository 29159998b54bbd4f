import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { pipeline } from "node:stream";
import { sendProblem } from "./problem.ts";

/**
 * Headers of one connection (RFC 9110 7.6.1), and what Node.js answers itself. Those that Connection names are passed on:
 * a caller could otherwise take away what frames the body.
 */
const HOP_BY_HOP = new Set([
  ...["connection", "keep-alive", "proxy-connection", "te", "trailer", "upgrade", "expect", "transfer-encoding"],
]);

/**
 * Forwards a request to a server on a port of 127.0.0.1, unchanged: path, headers with their case and order, body. A caller
 * who goes ends the request there; a response that breaks off there breaks off here. Each request has a connection of its
 * own: one that is kept could be closed at the moment it is used again.
 */
export function forward(request: IncomingMessage, response: ServerResponse, port: number): void {
  const { method, url: path, rawHeaders } = request;
  const headers = forwardedHeaders(request, withoutHop(rawHeaders));
  const forwarded = httpRequest({ agent: false, host: "127.0.0.1", port, path, method, headers });
  forwarded.on("response", (answer) => {
    // Who responds early reads no more of the body. What the caller still sends is read, or it would not see the response.
    if (!request.complete) request.unpipe(forwarded).resume();
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, withoutHop(answer.rawHeaders));
    response.flushHeaders();
    // A response without length to HTTP/1.0 ends with its connection, also when it is complete.
    answer.once("error", () => response.socket?.resetAndDestroy());
    pipeline(answer, response, () => forwarded.destroy());
  });
  forwarded.on("error", ({ message }) => {
    if (response.headersSent || response.destroyed) return;
    request.unpipe(forwarded).resume();
    sendProblem(response, 502, `The functions did not respond (${message}): see the terminal with npm run dev.`);
  });
  response.once("close", () => {
    if (!response.writableFinished) forwarded.destroy();
  });
  request.pipe(forwarded);
}

/** Names and values in turn. */
function withoutHop(raw: readonly string[]): string[] {
  return raw.filter((_, at) => !HOP_BY_HOP.has((raw[at - (at % 2)] ?? "").toLowerCase()));
}

/** With what HTTP/1.1 requires. Without the encoding, Node.js would send the body of a DELETE as the next request. */
function forwardedHeaders({ headers, socket }: IncomingMessage, forwarded: string[]): string[] {
  const encoding = headers["transfer-encoding"];
  return [
    ...forwarded,
    ...(headers.host === undefined ? ["Host", `localhost:${socket.localPort}`] : []),
    ...(encoding === undefined ? [] : ["Transfer-Encoding", encoding]),
  ];
}
