import { QdrantClient, QdrantClientResourceExhaustedError, QdrantClientTimeoutError } from "@qdrant/js-client-rest";
import { ServiceError } from "./service-error.ts";

export interface QdrantOptions {
  /** "https://xyz.cloud.qdrant.io:6333". Without a port it is 6333, as in Qdrant's own tools; a path is kept. */
  url: string;
  apiKey?: string;
  /** Milliseconds after which a request is given up, whoever still waits for it. */
  timeoutMs?: number;
}

/**
 * Qdrant refused a request, gave an answer that is none, or was not reached; then the reason is its `cause`. Codes:
 * "HTTP_503", "timeout", "malformed_response", "collection_mismatch", "wrong_dimensions".
 */
export class QdrantError extends ServiceError {
  override readonly name = "QdrantError";
}

/** Qdrant's own client. It never retries; it takes no `fetch` of ours. */
export function createQdrantClient({ url, apiKey, timeoutMs = 30_000 }: QdrantOptions): QdrantClient {
  const { protocol, hostname, pathname } = new URL(url);
  // `url.port` is empty for the scheme's own port, also when it was written down.
  const port = /^\w+:\/\/[^/?#]*:(\d+)(?:[/?#]|$)/.exec(url)?.[1];
  return new QdrantClient({
    // Given as `url`, it would lose its path, and ":443" would become 6333.
    host: hostname,
    port: Number(port ?? 6333),
    https: protocol === "https:",
    prefix: pathname.replace(/\/+$/, ""),
    // Given as `apiKey`, it prints a warning over plain HTTP.
    headers: apiKey === undefined ? {} : { "api-key": apiKey },
    timeout: timeoutMs,
    checkCompatibility: false, // a request per client, and a line on the console
  });
}

/** What the client answers; what it throws leaves as a QdrantError that says what was attempted. */
export async function ask<T>(attempted: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw toQdrantError(attempted, error);
  }
}

/** For an answer that is JSON, but not what was asked for. */
export function malformed(attempted: string): QdrantError {
  return new QdrantError(`${attempted} failed: Qdrant answered with something that is no result`, {
    code: "malformed_response",
  });
}

function toQdrantError(attempted: string, cause: unknown): QdrantError {
  if (isRefusal(cause)) {
    const { status, headers, data } = cause;
    const message = `${attempted} failed: Qdrant answered ${status}${reasonIn(data)}`;
    return new QdrantError(message, { cause, status, headers, code: `HTTP_${status}` });
  }
  if (cause instanceof QdrantClientResourceExhaustedError || isBadRetryAfter(cause)) {
    // The client reads only the first digit of Retry-After, and throws on a date (1.18.0): a lower bound.
    const seconds = cause instanceof QdrantClientResourceExhaustedError ? String(cause.retry_after) : undefined;
    const headers = seconds === undefined ? undefined : new Headers({ "retry-after": seconds });
    return new QdrantError(`${attempted} failed: Qdrant answered 429`, {
      cause,
      status: 429,
      headers,
      code: "HTTP_429",
    });
  }
  if (cause instanceof QdrantClientTimeoutError) {
    return new QdrantError(`${attempted} failed: Qdrant did not answer in time`, { cause, code: "timeout" });
  }
  // Without the cause: a JSON error quotes the answer, and with it documents.
  if (isNoResult(cause)) return malformed(attempted);
  return new QdrantError(`${attempted} failed: ${transportReason(cause)}`, { cause });
}

/** The client's ApiError, which it does not export. */
function isRefusal(error: unknown): error is Error & { status: number; headers?: Headers; data?: unknown } {
  return error instanceof Error && "status" in error && typeof error.status === "number";
}

function isBadRetryAfter(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("Invalid retryAfter value");
}

/** No JSON, JSON that is no object, or an object without a result. A request that broke has a cause. */
function isNoResult(error: unknown): boolean {
  if (!(error instanceof Error) || error.cause !== undefined) return false;
  return (
    error instanceof SyntaxError || error instanceof TypeError || error.message.startsWith("Result came uninitialized")
  );
}

/** `{status: {error: "Wrong input: …"}}`. Errors about the format of a body may quote it: of those, the kind only. */
function reasonIn(data: unknown): string {
  const { status } = (data ?? {}) as { status?: { error?: unknown } };
  if (typeof status?.error !== "string") return "";
  const isAboutNames = /^(?:Wrong input|Not found): /.test(status.error);
  return `: ${isAboutNames ? status.error.slice(0, 200) : status.error.split(":", 1)[0]}`;
}

/** undici's "fetch failed" keeps what happened in its cause. */
function transportReason(error: unknown): string {
  const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return reason instanceof Error ? reason.message || reason.name : String(reason);
}
