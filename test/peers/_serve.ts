/**
 * `node test/peers/_serve.ts PORT`: the functions behind a plain HTTP server on loopback, called as by function URLs. No
 * gateway changes requests or responses.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import type { APIGatewayProxyEventV2, Context } from "aws-lambda";

/** What the runtime client defines for functions that stream: here the response itself is the stream. */
const runtime = {
  streamifyResponse: <Handler>(handler: Handler): Handler => handler,
  HttpResponseStream: {
    from(response: ServerResponse, { statusCode, headers }: { statusCode: number; headers: Record<string, string> }) {
      return response.writeHead(statusCode, headers);
    },
  },
};
Object.assign(globalThis, { awslambda: runtime });
const [query, embed, health] = await Promise.all([
  import("../../functions/query.ts"),
  import("../../functions/embed.ts"),
  import("../../functions/health.ts"),
]);

createServer((request, response) => {
  void respond(request, response).catch((error: unknown) => response.destroy(error as Error));
}).listen(Number(process.argv[2]), "127.0.0.1");

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const event = toEvent(request, await buffer(request));
  const context = { awsRequestId: crypto.randomUUID(), getRemainingTimeInMillis: () => 29_000 } as Context;
  if (/^\/(?:query|search|feedback|v1|mcp)\b/.test(event.rawPath ?? "")) {
    // biome-ignore lint/suspicious/noExplicitAny: Lambda's stream type is wider than what functions use
    return void (await query.stream?.(event, response as any, context));
  }
  const { handler } = event.rawPath.startsWith("/embed") ? embed : health;
  const { statusCode, headers, body } = await handler(event, context);
  response.writeHead(statusCode ?? 500, headers as Record<string, string>).end(body);
}

function toEvent({ method = "", url = "", headers }: IncomingMessage, body: Buffer): APIGatewayProxyEventV2 {
  const [rawPath = "", rawQueryString = ""] = url.split("?");
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value].flat().join(", ")])),
    isBase64Encoded: true,
    requestContext: { domainName: "localhost", http: { method, path: rawPath } },
    ...(body.length > 0 && { body: body.toString("base64") }),
  } as unknown as APIGatewayProxyEventV2;
}
