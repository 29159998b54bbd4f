/** One value, or several where the source was asked for multi-value headers. */
type Fields = Readonly<Record<string, string | readonly string[] | null | undefined>> | null;

/**
 * What is read of an event: of API Gateway's HTTP API (payload format 1.0 or 2.0) or REST API (1.0), of a function URL
 * (2.0), or of an Application Load Balancer. {@link isHttpEvent} has checked what is not optional.
 */
export interface HttpEvent {
  requestContext: { http?: { method: string }; stage?: string; elb?: unknown };
  /** "1.0" or "2.0", of an HTTP API; "2.0", of a function URL. */
  version?: string;
  /** "POST /query", or "$default"; in 1.0 `resource`, without the method. */
  routeKey?: string;
  resource?: string;
  pathParameters?: Readonly<Record<string, string | undefined>> | null;
  /** In 1.0 `path` and `httpMethod`. */
  rawPath?: string;
  path?: string;
  httpMethod?: string;
  /** In 1.0 the parameters one by one: those with several values, or the last value of each. */
  rawQueryString?: string;
  multiValueQueryStringParameters?: Fields;
  queryStringParameters?: Fields;
  headers?: Fields;
  multiValueHeaders?: Fields;
  body?: string | null;
  isBase64Encoded?: boolean;
}

/** A `Request` cannot have these methods. Routes have none of them, so any other name will do. */
const FORBIDDEN_METHOD = /^(?:CONNECT|TRACE|TRACK)$/i;
const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;
/** Latin-1 without control characters. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** What no percent-encoded path has. */
const NOT_ENCODED = /[^!-~]+|[?#\\]|%(?![\da-f]{2})/gi;

export function isHttpEvent(event: unknown): event is HttpEvent {
  if (!isObject(event) || !isObject(event.requestContext)) return false;
  const { requestContext: context, rawPath, path, httpMethod } = event;
  // What an authorizer is asked about a request, and a WebSocket's event, have a request's fields too.
  if ("methodArn" in event || "routeArn" in event || "connectionId" in context) return false;
  if (typeof rawPath === "string") return isObject(context.http) && typeof context.http.method === "string";
  return typeof path === "string" && typeof httpMethod === "string";
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/**
 * Converts an event to a `Request`. Drops the body of a GET or HEAD request, which `Request` does not allow, and headers
 * that HTTP does not allow. No route reads the host, which an event may lack.
 */
export function toRequest(event: HttpEvent): Request {
  const { requestContext, httpMethod = "", body, isBase64Encoded } = event;
  const headers = headersOf(event);
  const name = requestContext.http?.method ?? httpMethod;
  const method = FORBIDDEN_METHOD.test(name) ? "_OTHER" : name;
  const hasBody = body && method !== "GET" && method !== "HEAD";
  // Only a load balancer has listeners without TLS.
  const scheme = requestContext.elb && headers.get("x-forwarded-proto") === "http" ? "http" : "https";
  return new Request(`${scheme}://localhost${pathOf(event)}${queryOf(event)}`, {
    method,
    headers,
    body: hasBody ? Buffer.from(body, isBase64Encoded ? "base64" : "utf8") : null,
  });
}

function headersOf({ headers, multiValueHeaders }: HttpEvent): Headers {
  const result = new Headers();
  for (const [name, values] of Object.entries({ ...headers, ...multiValueHeaders })) {
    if (!HEADER_NAME.test(name)) continue;
    for (const value of [values].flat())
      if (typeof value === "string" && HEADER_VALUE.test(value)) result.append(name, value);
  }
  return result;
}

/**
 * The path within the API, percent-encoded. That of a named stage has the stage's name before it, and that of a custom
 * domain its base path; the route has neither, so the path is rebuilt from the route and its parameters where there is one.
 *
 * An HTTP API decodes path and parameters, serverless-offline only the parameters; a REST API, a function URL and a load
 * balancer decode neither.
 */
function pathOf({ version, routeKey = "", resource, pathParameters, requestContext, ...event }: HttpEvent): string {
  const route = resource ?? routeKey.slice(routeKey.indexOf(" ") + 1);
  const names = route.matchAll(/\{(\w+)\+?\}/g).map(([, name = ""]) => name);
  const parameters = pathParameters ?? {};
  if (!route.startsWith("/") || !names.every((name) => typeof parameters[name] === "string")) {
    const path = event.rawPath ?? event.path ?? "/";
    const prefix = `/${requestContext.stage}`;
    return encode(path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : path);
  }
  return route.replace(/\{(\w+)\+?\}/g, (_, name: string) => {
    const value = parameters[name] ?? "";
    if (version === undefined) return encode(value);
    // The whole path, whose slashes separate; elsewhere a slash belongs to the parameter.
    return (route.startsWith("/{") ? value.split("/") : [value]).map(encodeAll).join("/");
  });
}

function queryOf(event: HttpEvent): string {
  const { rawQueryString, multiValueQueryStringParameters, queryStringParameters, requestContext } = event;
  if (rawQueryString) return `?${rawQueryString}`;
  // A load balancer leaves parameters as they were sent; API Gateway decodes them.
  const encoded = requestContext.elb ? encode : encodeAll;
  const pairs = Object.entries({ ...queryStringParameters, ...multiValueQueryStringParameters }).flatMap(
    ([name, values]) => [values].flat().map((value) => `${encoded(name)}=${encoded(value ?? "")}`),
  );
  return pairs.length > 0 ? `?${pairs.join("&")}` : "";
}

/** Encodes only what is certainly not encoded yet. */
function encode(text: string): string {
  return text.replace(NOT_ENCODED, encodeAll);
}

function encodeAll(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
