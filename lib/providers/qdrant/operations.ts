import type { QdrantClient } from "@qdrant/js-client-rest";
import { withTimeLimit } from "#async/time-limit.ts";
import type { Limits, Service } from "#providers/service/service.ts";
import type { Call } from "#rag/ports.ts";
import { connectionError, missingResult, statusError } from "./error.ts";

/** Method and path of every operation that this project uses, by the client's names. */
const OPERATIONS = {
  getCollections: ["GET", "/collections"],
  getCollection: ["GET", "/collections/{collection_name}"],
  createCollection: ["PUT", "/collections/{collection_name}"],
  deleteCollection: ["DELETE", "/collections/{collection_name}"],
  createFieldIndex: ["PUT", "/collections/{collection_name}/index"],
  getCollectionsAliases: ["GET", "/aliases"],
  updateAliases: ["POST", "/collections/aliases"],
  upsertPoints: ["PUT", "/collections/{collection_name}/points"],
  getPoints: ["POST", "/collections/{collection_name}/points"],
  deletePoints: ["POST", "/collections/{collection_name}/points/delete"],
  scrollPoints: ["POST", "/collections/{collection_name}/points/scroll"],
  countPoints: ["POST", "/collections/{collection_name}/points/count"],
  queryBatchPoints: ["POST", "/collections/{collection_name}/points/query/batch"],
} as const satisfies Partial<Record<keyof Api, readonly [method: string, path: string]>>;

/** Arguments that are query parameters; all others, except those in the path, are the body. */
const QUERY_PARAMETERS = ["wait", "ordering", "consistency", "timeout"];

type Api = ReturnType<QdrantClient["api"]>;
type Arguments = Record<string, unknown>;

export interface FetchTransport {
  /** Scheme, host, port and path, without a trailing slash. */
  base: string;
  headers: Readonly<Record<string, string>>;
  /** Milliseconds for a whole request, from connecting to the last byte of the response. */
  timeoutMs: number;
  fetch: typeof globalThis.fetch;
  attempts?: { service: Service; limits: Limits };
}

/** Options that the client passes from the caller of an operation to its implementation. */
export interface RequestOptions extends RequestInit {
  /** Milliseconds since 1970. */
  deadline?: number;
}

/**
 * Replaces the client's operations by one plain `fetch` each. They are the methods of the object that `api()` returns,
 * which all of the client's methods use. The client's own transport is unsuitable (1.18.0): it does not accept a
 * `fetch`, follows redirects with the API key, ends its timeout at the response headers, and reads only the first
 * character of Retry-After. Operations that are not listed above reject, so that no request bypasses this transport.
 */
export function useFetchTransport(transport: FetchTransport, client: QdrantClient): QdrantClient {
  const { attempts } = transport;
  const api = client.api() as Record<string, unknown>;
  for (const name of Object.keys(api)) {
    api[name] = () => Promise.reject(new Error(`the Qdrant operation ${name} is not listed in qdrant/operations.ts`));
  }
  for (const [name, [method, path]] of Object.entries(OPERATIONS)) {
    api[name] = (args: Arguments, { signal, deadline }: RequestOptions = {}) => {
      const call = { ...(signal && { signal }), ...(deadline !== undefined && { deadline }) };
      const once = (call: Call) => send(transport, method, path, args, call);
      return attempts ? attempts.service(attempts.limits, call, once) : once(call);
    };
  }
  return client;
}

/** @throws QdrantError whose message does not say yet what was attempted; the signal's reason once it is aborted */
async function send(
  { base, headers, timeoutMs, fetch }: FetchTransport,
  method: string,
  path: string,
  args: Arguments,
  { signal }: Call,
): Promise<{ data: unknown }> {
  const rest = { ...args };
  const take = (name: string): unknown => {
    const value = rest[name];
    delete rest[name];
    return value;
  };
  const pathname = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(take(name))));
  const query = new URLSearchParams();
  for (const name of QUERY_PARAMETERS) {
    const value = take(name);
    if (value !== undefined) query.set(name, String(value));
  }
  const hasBody = method === "PUT" || method === "POST";

  let received: { response: Response; text: string };
  try {
    received = await withTimeLimit({ ms: timeoutMs, signal }, async (signal) => {
      const response = await fetch(`${base}${pathname}${query.size > 0 ? `?${query}` : ""}`, {
        method,
        headers: { accept: "application/json", ...(hasBody && { "content-type": "application/json" }), ...headers },
        ...(hasBody && { body: JSON.stringify(rest) }),
        redirect: "error", // do not send the key to a host that is not configured
        signal,
      });
      return { response, text: await response.text() };
    });
  } catch (cause) {
    signal?.throwIfAborted();
    throw connectionError(cause);
  }
  const data = parse(received.text);
  if (!received.response.ok) throw statusError(received.response, data);
  if (!hasResult(data)) throw missingResult();
  return { data };
}

/** `undefined` for malformed JSON; the parser's error would quote the body, and so documents. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function hasResult(data: unknown): boolean {
  const { result } = (data ?? {}) as { result?: unknown };
  return result !== undefined && result !== null;
}
