import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";

/**
 * An API Gateway HTTP API or function URL event (payload format 2.0) as a `Request`. A body sent with GET or HEAD,
 * which `Request` refuses, is left out.
 */
export function toRequest(event: APIGatewayProxyEventV2): Request {
  const { http, domainName } = event.requestContext;
  const query = event.rawQueryString ? `?${event.rawQueryString}` : "";
  const headers = new Headers();
  for (const [name, value] of Object.entries(event.headers)) {
    // A header that HTTP does not allow, such as one beyond Latin-1, is left out.
    if (value !== undefined && /^[\t\x20-\x7e\x80-\xff]*$/.test(value)) headers.set(name, value);
  }
  const hasBody = event.body && http.method !== "GET" && http.method !== "HEAD";
  const body = hasBody ? Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8") : null;
  return new Request(`https://${domainName}${pathOf(event)}${query}`, { method: http.method, headers, body });
}

/**
 * The path, percent-encoded. API Gateway decodes `rawPath`, function URLs and serverless-offline do not; all decode path
 * parameters, so a route that has some is put together from them again.
 */
function pathOf({ routeKey, rawPath, pathParameters }: APIGatewayProxyEventV2): string {
  if (!pathParameters) return rawPath;
  const template = routeKey.slice(routeKey.indexOf(" ") + 1);
  return template.replace(/\{(\w+)\+?\}/g, (_, name: string) =>
    encodeURIComponent(pathParameters[name]?.toWellFormed() ?? ""),
  );
}

/** A text response as API Gateway takes it. */
export async function toResult(response: Response): Promise<APIGatewayProxyStructuredResultV2> {
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
  };
}
