import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";

/** A `Request` cannot have these methods. Routes have none of them, so any other name will do. */
const FORBIDDEN_METHOD = /^(?:CONNECT|TRACE|TRACK)$/i;

/**
 * Converts an API Gateway HTTP API or function URL event (payload format 2.0) to a `Request`. Drops the body of a GET or
 * HEAD request, which `Request` does not allow.
 */
export function toRequest(event: APIGatewayProxyEventV2): Request {
  const { http, domainName } = event.requestContext;
  const query = event.rawQueryString ? `?${event.rawQueryString}` : "";
  const headers = new Headers();
  for (const [name, value] of Object.entries(event.headers)) {
    // Drop header values that HTTP does not allow, such as those beyond Latin-1.
    if (value !== undefined && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)) headers.set(name, value);
  }
  const method = FORBIDDEN_METHOD.test(http.method) ? "_OTHER" : http.method;
  const hasBody = event.body && method !== "GET" && method !== "HEAD";
  const body = hasBody ? Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8") : null;
  return new Request(`https://${domainName}${pathOf(event)}${query}`, { method, headers, body });
}

/**
 * The path, percent-encoded. API Gateway decodes `rawPath`, function URLs and serverless-offline do not. All of them decode
 * path parameters, so a path with parameters is rebuilt from those.
 */
function pathOf({ routeKey, rawPath, pathParameters }: APIGatewayProxyEventV2): string {
  if (!pathParameters) return rawPath;
  const template = routeKey.slice(routeKey.indexOf(" ") + 1);
  return template.replace(/\{(\w+)\+?\}/g, (_, name: string) =>
    encodeURIComponent(pathParameters[name]?.toWellFormed() ?? ""),
  );
}

/** Converts a text response to an API Gateway result. */
export async function toResult(response: Response): Promise<APIGatewayProxyStructuredResultV2> {
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
  };
}
