import { reasonOf, ServiceError } from "#providers/service/service-error.ts";

/**
 * Qdrant rejected a request, returned an invalid response, or was unreachable; then the reason is the `cause`. Codes:
 * "HTTP_503", "timeout", "malformed_response", "collection_mismatch", "wrong_dimensions".
 */
export class QdrantError extends ServiceError {
  override readonly name = "QdrantError";
}

/** The error for a response that is valid JSON, but not of the expected form. */
export function malformedResponse(attempted: string): QdrantError {
  return withPrefix(attempted, missingResult());
}

/** Adds what was attempted to the message of a {@link QdrantError}; other errors, such as an abort, stay unchanged. */
export function withContext(attempted: string, error: unknown): unknown {
  return error instanceof QdrantError ? withPrefix(attempted, error) : error;
}

function withPrefix(attempted: string, { message, code, status, headers, cause }: QdrantError): QdrantError {
  return new QdrantError(`${attempted} failed: ${message}`, {
    code,
    status,
    headers,
    ...(cause !== undefined && { cause }),
  });
}

export function missingResult(): QdrantError {
  return new QdrantError("Qdrant returned a response without a result", { code: "malformed_response" });
}

export function statusError({ status, headers }: Response, data: unknown): QdrantError {
  return new QdrantError(`Qdrant responded with ${status}${reasonIn(data)}`, {
    status,
    headers,
    code: `HTTP_${status}`,
  });
}

/** @param cause the error of `fetch`, or of reading the body */
export function connectionError(cause: unknown): QdrantError {
  const name = cause instanceof Error ? cause.name : "";
  if (name === "TimeoutError") return new QdrantError("Qdrant timed out", { cause, code: "timeout" });
  return new QdrantError(reasonOf(cause), { cause });
}

/** `{status: {error: "Wrong input: …"}}`. Errors about a body's format may quote it: only their kind is used. */
function reasonIn(data: unknown): string {
  const { status } = (data ?? {}) as { status?: { error?: unknown } };
  if (typeof status?.error !== "string") return "";
  const isAboutNames = /^(?:Wrong input|Not found): /.test(status.error);
  return `: ${isAboutNames ? status.error.slice(0, 200) : status.error.split(":", 1)[0]}`;
}
