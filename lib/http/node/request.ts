import type { IncomingMessage } from "node:http";
import { MAX_BODY_BYTES } from "#http/body.ts";

/** A `Request` cannot have these methods. Routes have none of them, so any other name will do. */
const FORBIDDEN_METHOD = /^(?:CONNECT|TRACE|TRACK)$/i;

/**
 * Converts a request to a `Request` with all of its body, as a function gets it. Of a body that is too large it has only so
 * much that the app refuses it; Node.js reads and drops the rest. Drops the body of a GET or HEAD request, which `Request`
 * does not allow. No route reads the host.
 *
 * @throws Error when the caller disconnects before the body is complete
 */
export async function toRequest(incoming: IncomingMessage): Promise<Request> {
  const { method: name = "GET", url = "/" } = incoming;
  const method = FORBIDDEN_METHOD.test(name) ? "_OTHER" : name;
  const body = await bodyOf(incoming);
  const hasBody = body.length > 0 && method !== "GET" && method !== "HEAD";
  return new Request(`http://localhost${targetOf(url)}`, {
    method,
    headers: headersOf(incoming),
    body: hasBody ? body : null,
  });
}

/** Path and query of a request target, which may also be a whole address, or the `*` of OPTIONS (RFC 9112, section 3.2). */
function targetOf(url: string): string {
  if (url.startsWith("/")) return url;
  const parsed = URL.parse(url);
  return parsed?.host ? `${parsed.pathname}${parsed.search}` : `/${encodeURIComponent(url)}`;
}

function headersOf({ headers }: IncomingMessage): Headers {
  const result = new Headers();
  for (const [name, values] of Object.entries(headers)) {
    for (const value of [values ?? []].flat()) result.append(name, value);
  }
  return result;
}

function bodyOf(incoming: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer<ArrayBuffer>>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  incoming.on("data", (chunk: Buffer) => {
    if (bytes > MAX_BODY_BYTES) return;
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) resolve(Buffer.concat(chunks));
  });
  incoming.once("end", () => resolve(Buffer.concat(chunks)));
  incoming.once("error", reject);
  incoming.once("close", () => reject(new Error("the caller disconnected before the request was complete")));
  return promise;
}
