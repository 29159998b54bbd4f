import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";

type Handler = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

export interface Reply {
  status: number;
  headers: Record<string, string>;
  // biome-ignore lint/suspicious/noExplicitAny: a response's shape is what the test is about
  body: any;
}

/** An event of API Gateway or a function URL, payload format 2.0, and its context. */
export function invocation(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
  leftMs = 29_000,
): [event: APIGatewayProxyEventV2, context: Context] {
  const [rawPath = "", rawQueryString = ""] = path.split("?");
  const event = {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString,
    headers: { "content-type": "application/json", host: "localhost", ...headers },
    isBase64Encoded: false,
    requestContext: { domainName: "localhost", http: { method, path: rawPath } },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  } as unknown as APIGatewayProxyEventV2;
  const context = {
    awsRequestId: crypto.randomUUID(),
    invokedFunctionArn: "arn:aws:lambda:test",
    getRemainingTimeInMillis: () => leftMs,
  } as Context;
  return [event, context];
}

/** Calls a handler as API Gateway would. */
export async function invoke(handler: Handler, ...request: Parameters<typeof invocation>): Promise<Reply> {
  const result = await handler(...invocation(...request));
  return {
    status: result.statusCode ?? 0,
    headers: result.headers as Record<string, string>,
    body: JSON.parse(result.body || "null"),
  };
}
