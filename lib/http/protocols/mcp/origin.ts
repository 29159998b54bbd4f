import { RequestError } from "#http/problem.ts";

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * Refuses a page whose origin is neither allowed by CORS nor of this machine, when the server is: a page whose host name
 * is made to point here (DNS rebinding) could otherwise call a server that has no keys
 * (https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#security-warning). Programs send no origin.
 *
 * @param allowed `*` is any
 * @throws RequestError 403
 */
export function requireKnownOrigin(request: Request, allowed: readonly string[]): void {
  const origin = request.headers.get("origin");
  if (origin === null || allowed.includes("*") || allowed.includes(origin)) return;
  const isLocal = (address: string) => URL.canParse(address) && LOOPBACK.has(new URL(address).hostname);
  if (isLocal(origin) && isLocal(request.url)) return;
  throw new RequestError(403, `Pages of the origin ${origin} may not call this server: list it in RAG_CORS_ORIGINS.`);
}
