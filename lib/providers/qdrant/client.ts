import { QdrantClient } from "@qdrant/js-client-rest";
import { httpFetch } from "#providers/service/http-fetch.ts";
import type { Limits, Service } from "#providers/service/service.ts";
import type { Call } from "#rag/ports.ts";
import { attempting, QdrantError } from "./error.ts";
import { type CallInit, sendThrough } from "./operations.ts";

export interface QdrantOptions {
  /** "https://xyz.cloud.qdrant.io:6333". Without a port it is 6333, as in Qdrant's own tools; a path is kept. */
  url: string;
  apiKey?: string;
  /** For a whole request, whoever still waits for it; milliseconds. */
  timeoutMs?: number;
  fetch?: typeof globalThis.fetch;
  /** How often a request is made; once when absent. All requests may be: what is written has ids of its own. */
  attempts?: { service: Service; limits: Limits };
}

/** What fetch can send in a header; its own error would quote the key. */
const SENDABLE = /^[\x21-\x7e]+$/;

/**
 * Qdrant's own client over one plain `fetch` per request. It never tries twice, follows no redirect, and writes nothing
 * to the console. The operations of `api()` take a signal for one request: `api().getPoints({…}, { signal })`.
 */
export function createQdrantClient({
  url,
  apiKey,
  timeoutMs = 30_000,
  fetch = httpFetch,
  attempts,
}: QdrantOptions): QdrantClient {
  if (apiKey !== undefined && !SENDABLE.test(apiKey)) {
    throw new Error("The Qdrant API key is empty or has characters that no HTTP header can carry.");
  }
  const { protocol, hostname, pathname } = new URL(url);
  // `url.port` is empty for the scheme's own port, also when it was written down.
  const port = /^\w+:\/\/[^/?#]*:(\d+)(?:[/?#]|$)/.exec(url)?.[1] ?? "6333";
  const base = `${protocol}//${hostname}:${port}${pathname.replace(/\/+$/, "")}`;
  const headers: Record<string, string> = apiKey === undefined ? {} : { "api-key": apiKey };
  // The check of compatibility is a request per client, and a line on the console.
  return sendThrough(
    { base, headers, timeoutMs, fetch, ...(attempts && { attempts }) },
    new QdrantClient({ url, checkCompatibility: false }),
  );
}

/** What the client answers; what it throws leaves as a QdrantError that says what was attempted. */
export async function ask<T>(attempted: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw attempting(attempted, error);
  }
}

/** The same for an operation of `api()`. */
export async function callApi<T>(attempted: string, answer: Promise<{ data: { result?: T } }>): Promise<T> {
  const { data } = await ask(attempted, answer);
  return data.result as T; // that there is one was seen to when it came
}

/** What an operation of `api()` takes besides its arguments. */
export function initOf({ signal, deadline }: Call = {}): CallInit {
  return { ...(signal && { signal }), ...(deadline !== undefined && { deadline }) };
}

/** Whether Qdrant answered with this status. */
export function hasStatus(error: unknown, ...statuses: number[]): boolean {
  return error instanceof QdrantError && error.status !== undefined && statuses.includes(error.status);
}
