import { QdrantClient } from "@qdrant/js-client-rest";
import { assertHeaderValue } from "#providers/service/header-value.ts";
import { httpFetch } from "#providers/service/http-fetch.ts";
import type { Limits, Service } from "#providers/service/service.ts";
import type { Call } from "#rag/ports.ts";
import { QdrantError, withContext } from "./error.ts";
import { type RequestOptions, useFetchTransport } from "./operations.ts";

export interface QdrantOptions {
  /** "https://xyz.cloud.qdrant.io:6333". The default port is 6333, as in Qdrant's own tools; a path is kept. */
  url: string;
  apiKey?: string;
  /** Milliseconds for a whole request. */
  timeoutMs?: number;
  fetch?: typeof globalThis.fetch;
  /** Retries of each request; none when absent. All requests are idempotent: points have derived ids. */
  attempts?: { service: Service; limits: Limits };
}

/**
 * Qdrant's client with a transport of one plain `fetch` per request. Without `attempts` it does not retry; it follows no
 * redirects and writes nothing to the console. Operations of `api()` accept a signal: `api().getPoints({…}, { signal })`.
 *
 * @throws Error when the API key is not a valid header value
 */
export function createQdrantClient({
  url,
  apiKey,
  timeoutMs = 30_000,
  fetch = httpFetch,
  attempts,
}: QdrantOptions): QdrantClient {
  if (apiKey !== undefined) assertHeaderValue("The Qdrant API key", apiKey);
  const { protocol, hostname, pathname } = new URL(url);
  // `URL.port` is empty for the scheme's default port, even when the URL has it.
  const port = /^\w+:\/\/[^/?#]*:(\d+)(?:[/?#]|$)/.exec(url)?.[1] ?? "6333";
  const base = `${protocol}//${hostname}:${port}${pathname.replace(/\/+$/, "")}`;
  const headers: Record<string, string> = apiKey === undefined ? {} : { "api-key": apiKey };
  // The compatibility check would send a request per client and write to the console.
  return useFetchTransport(
    { base, headers, timeoutMs, fetch, ...(attempts && { attempts }) },
    new QdrantClient({ url, checkCompatibility: false }),
  );
}

/** Awaits a call of the client; the message of a {@link QdrantError} then says what was attempted. */
export async function attempt<T>(attempted: string, response: Promise<T>): Promise<T> {
  try {
    return await response;
  } catch (error) {
    throw withContext(attempted, error);
  }
}

/** The same for an operation of `api()`; returns its `result`. */
export async function callApi<T>(attempted: string, response: Promise<{ data: { result?: T } }>): Promise<T> {
  const { data } = await attempt(attempted, response);
  return data.result as T; // the transport rejects a response without one
}

/** The options of an operation of `api()`. */
export function initOf({ signal, deadline }: Call = {}): RequestOptions {
  return { ...(signal && { signal }), ...(deadline !== undefined && { deadline }) };
}

/** Whether Qdrant responded with one of these statuses. */
export function hasStatus(error: unknown, ...statuses: number[]): boolean {
  return error instanceof QdrantError && error.status !== undefined && statuses.includes(error.status);
}
