import type { QdrantClient } from "@qdrant/js-client-rest";
import { withTimeLimit } from "#async/time-limit.ts";
import type { Limits, Service } from "#providers/service/service.ts";
import type { Call } from "#rag/ports.ts";
import { malformedAnswer, refusalOf, unreached } from "./error.ts";

/** Method and path of every operation that is used here, under the client's names. */
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

/** Arguments of these operations that go into the URL; all others are the body. */
const IN_QUERY = ["wait", "ordering", "consistency", "timeout"];

type Api = ReturnType<QdrantClient["api"]>;
type Arguments = Record<string, unknown>;

export interface Transport {
  /** Scheme, host, port and path, without a slash at the end. */
  base: string;
  headers: Readonly<Record<string, string>>;
  /** For a whole request, from connecting to the last byte of the answer; milliseconds. */
  timeoutMs: number;
  fetch: typeof globalThis.fetch;
  attempts?: { service: Service; limits: Limits };
}

/** What passes through the client from whoever calls an operation. */
export interface CallInit extends RequestInit {
  /** Milliseconds since 1970. */
  deadline?: number;
}

/**
 * Makes the client's operations one plain `fetch` each. They are the object that `api()` returns, and all of the
 * client's methods go through it. Its own transport will not do: it takes no `fetch`, follows redirects with the API
 * key, stops its clock when the headers are there, and of Retry-After reads the first character (1.18.0). An operation
 * that is not listed above throws, so that no request goes another way.
 */
export function sendThrough(transport: Transport, client: QdrantClient): QdrantClient {
  const { attempts } = transport;
  const api = client.api() as Record<string, unknown>;
  for (const name of Object.keys(api)) {
    api[name] = () => Promise.reject(new Error(`Qdrant's operation ${name} is not in qdrant-operations.ts`));
  }
  for (const [name, [method, path]] of Object.entries(OPERATIONS)) {
    api[name] = (args: Arguments, { signal, deadline }: CallInit = {}) => {
      const call = { ...(signal && { signal }), ...(deadline !== undefined && { deadline }) };
      const once = (call: Call) => send(transport, method, path, args, call);
      return attempts ? attempts.service(attempts.limits, call, once) : once(call);
    };
  }
  return client;
}

/** @throws QdrantError that does not say yet what was attempted, or the reason of the signal */
async function send(
  { base, headers, timeoutMs, fetch }: Transport,
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
  const where = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(take(name))));
  const query = new URLSearchParams();
  for (const name of IN_QUERY) {
    const value = take(name);
    if (value !== undefined) query.set(name, String(value));
  }
  const hasBody = method === "PUT" || method === "POST";

  let answer: { response: Response; text: string };
  try {
    answer = await withTimeLimit({ ms: timeoutMs, signal }, async (signal) => {
      const response = await fetch(`${base}${where}${query.size > 0 ? `?${query}` : ""}`, {
        method,
        headers: { accept: "application/json", ...(hasBody && { "content-type": "application/json" }), ...headers },
        ...(hasBody && { body: JSON.stringify(rest) }),
        redirect: "error", // never on to a host that nobody configured
        signal,
      });
      return { response, text: await response.text() };
    });
  } catch (cause) {
    signal?.throwIfAborted();
    throw unreached(cause);
  }
  const data = parse(answer.text);
  if (!answer.response.ok) throw refusalOf(answer.response, data);
  if (!hasResult(data)) throw malformedAnswer();
  return { data };
}

/** Without a word of what came: a JSON error quotes it, and with it documents. */
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
