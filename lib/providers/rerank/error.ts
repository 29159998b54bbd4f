import { fieldOf } from "#providers/service/json-fields.ts";
import { isCode, ServiceError } from "#providers/service/service-error.ts";

/**
 * A failed call of a reranking service. The message never quotes the request or the response. Codes are the service's
 * own ("overloaded"), else "HTTP_503" and the like, or ours: "timeout", "malformed_json", "unexpected_answer".
 */
export class RerankError extends ServiceError {
  override readonly name = "RerankError";
}

/**
 * The error for a response that is not 2xx.
 *
 * @param service for the message: a model at a host
 */
export function statusError(service: string, { status, headers }: Response, body: string): RerankError {
  const code = codesIn(body).find(isCode) ?? `HTTP_${status}`;
  return new RerankError(`${service} responded with ${status} ${code}`, { code, status, headers });
}

/** @param cause the error of `fetch`, or of reading the body */
export function connectionError(service: string, cause: unknown): RerankError {
  if (cause instanceof Error && cause.name === "TimeoutError") {
    return new RerankError(`${service} timed out`, { code: "timeout", cause });
  }
  return new RerankError(`${service} is unreachable, or the connection was lost`, { cause });
}

/**
 * Candidates for the error code: TEI has it in `error_type`, vLLM in `type`, newer versions below `error`, where `code`
 * repeats the status. Cohere, Jina and Voyage only return a sentence.
 */
function codesIn(body: string): unknown[] {
  try {
    const parsed: unknown = JSON.parse(body);
    return [parsed, fieldOf(parsed, "error")].flatMap((place) =>
      ["code", "error_type", "type"].map((name) => fieldOf(place, name)),
    );
  } catch {
    return []; // a proxy's HTML page
  }
}
