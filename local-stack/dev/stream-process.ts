/**
 * A process that serves the function `stream` over HTTP on a free port of 127.0.0.1, as a function URL does: each event of
 * an answer is sent as it is emitted, and a caller who goes stops the model. Sends its port once it listens.
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Context } from "aws-lambda";
import { MAX_BODY_BYTES } from "#http/body.ts";
import type { HttpEvent } from "#http/lambda/event.ts";

/** What the context says is left of the invocation: nothing ends it. */
const TIME_LEFT_MS = 900_000;

// Whoever started this process has ended. Ctrl-C reaches both; this one ends after the other.
process.on("disconnect", () => process.exit());
process.on("SIGINT", () => {});

/** The part of Lambda's runtime that streams responses. */
Object.assign(globalThis, {
  awslambda: {
    streamifyResponse: <Handler>(handler: Handler): Handler => handler,
    HttpResponseStream: {
      from(response: ServerResponse, head: { statusCode: number; headers: Record<string, string> }): ServerResponse {
        response.writeHead(head.statusCode, head.headers).flushHeaders();
        return response;
      },
    },
  },
});
const { stream } = await import("../../functions/query.ts");

const server = createServer((request, response) => {
  serve(request, response).catch((error: unknown) => {
    console.error(error);
    response.destroy();
  });
});
await once(server.listen(0, "127.0.0.1"), "listening");
process.send?.((server.address() as AddressInfo).port);

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [rawPath = "/", rawQueryString = ""] = (request.url ?? "/").split("?", 2);
  const event: HttpEvent = {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString,
    requestContext: { http: { method: request.method ?? "GET" } },
    headers: request.headers,
    body: (await bodyOf(request)).toString("base64"),
    isBase64Encoded: true,
  };
  const context: Partial<Context> = {
    awsRequestId: randomUUID(),
    // As serverless-offline names functions.
    invokedFunctionArn: "offline_invokedFunctionArn_for_edge-rag-dev-stream",
    getRemainingTimeInMillis: () => TIME_LEFT_MS,
  };
  await stream?.(event, response as unknown as awslambda.HttpResponseStream, context as Context);
}

/** The body, of which the function refuses what is too long: no more than that is read. */
async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes > MAX_BODY_BYTES) break;
  }
  return Buffer.concat(pieces);
}
