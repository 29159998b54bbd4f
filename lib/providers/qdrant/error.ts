import { reasonOf, ServiceError } from "#providers/service/service-error.ts";

/**
 * Qdrant refused a request, gave an answer that is none, or was not reached; then the reason is its `cause`. Codes:
 * "HTTP_503", "timeout", "malformed_response", "collection_mismatch", "wrong_dimensions".
 */
export class QdrantError extends ServiceError {
  override readonly name = "QdrantError";
}

/** For an answer that is JSON, but not what was asked for. */
export function malformed(attempted: string): QdrantError {
  return prefixed(attempted, malformedAnswer());
}

/** What an operation threw, as an error that says what was attempted; the reason of a caller's signal as it is. */
export function attempting(attempted: string, error: unknown): unknown {
  return error instanceof QdrantError ? prefixed(attempted, error) : error;
}

function prefixed(attempted: string, { message, code, status, headers, cause }: QdrantError): QdrantError {
  return new QdrantError(`${attempted} failed: ${message}`, {
    code,
    status,
    headers,
    ...(cause !== undefined && { cause }),
  });
}

export function malformedAnswer(): QdrantError {
  return new QdrantError("Qdrant answered with something that is no result", { code: "malformed_response" });
}

export function refusalOf({ status, headers }: Response, data: unknown): QdrantError {
  return new QdrantError(`Qdrant answered ${status}${reasonIn(data)}`, { status, headers, code: `HTTP_${status}` });
}

/** What `fetch` threw, or a body that broke off. */
export function unreached(cause: unknown): QdrantError {
  const name = cause instanceof Error ? cause.name : "";
  if (name === "TimeoutError") return new QdrantError("Qdrant did not answer in time", { cause, code: "timeout" });
  return new QdrantError(reasonOf(cause), { cause });
}

/** `{status: {error: "Wrong input: …"}}`. Errors about the format of a body may quote it: of those, the kind only. */
function reasonIn(data: unknown): string {
  const { status } = (data ?? {}) as { status?: { error?: unknown } };
  if (typeof status?.error !== "string") return "";
  const isAboutNames = /^(?:Wrong input|Not found): /.test(status.error);
  return `: ${isAboutNames ? status.error.slice(0, 200) : status.error.split(":", 1)[0]}`;
}
