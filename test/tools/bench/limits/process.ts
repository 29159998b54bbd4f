/** A process that serves the function `embed` with embedded parts, as `npm run dev` does, and reports its memory. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { handler } from "../../../../functions/embed.ts";

const context = {
  awsRequestId: "bench",
  invokedFunctionArn: "arn:bench",
  getRemainingTimeInMillis: () => 600_000,
} as Partial<Context> as Context;

const server = createServer((request, response) => void serve(request, response));
server.listen(0, "127.0.0.1");
await once(server, "listening");
process.on("message", () => process.send?.({ peak: process.resourceUsage().maxRSS * 1_024 }));
process.send?.({ port: (server.address() as AddressInfo).port });

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { statusCode, headers, body } = await handler(await toEvent(request), context);
  response.writeHead(statusCode ?? 500, headers as Record<string, string>).end(body);
}

async function toEvent(request: IncomingMessage): Promise<APIGatewayProxyEventV2> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return {
    rawPath: request.url,
    rawQueryString: "",
    headers: { "content-type": "application/json" },
    isBase64Encoded: false,
    requestContext: { domainName: "localhost", http: { method: request.method } },
    body: Buffer.concat(parts).toString(),
  } as unknown as APIGatewayProxyEventV2;
}
