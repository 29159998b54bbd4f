import { fieldOf } from "#providers/service/json-fields.ts";
import { isCode, ServiceError } from "#providers/service/service-error.ts";

/**
 * A call of a reranking service that failed. The message never quotes what was sent or answered. Codes are the
 * service's own ("overloaded"), else "HTTP_503" and the like, or ours: "timeout", "malformed_json",
 * "unexpected_answer".
 */
export class RerankError extends ServiceError {
  override readonly name = "RerankError";
}

/** @param who for the message: a model at a host */
export function toRefusal(who: string, { status, headers }: Response, body: string): RerankError {
  const code = codesIn(body).find(isCode) ?? `HTTP_${status}`;
  return new RerankError(`${who} answered ${status} ${code}`, { code, status, headers });
}

/** @param cause what fetch threw, or reading the body */
export function toFailure(who: string, cause: unknown): RerankError {
  if (cause instanceof Error && cause.name === "TimeoutError") {
    return new RerankError(`${who} did not answer in time`, { code: "timeout", cause });
  }
  return new RerankError(`${who} could not be reached, or broke off`, { cause });
}

/**
 * Where services say what is wrong: TEI in `error_type`, vLLM in `type`, in newer versions below `error`; `code` is the
 * status again. Cohere, Jina and Voyage have but a sentence.
 */
function codesIn(body: string): unknown[] {
  try {
    const answer: unknown = JSON.parse(body);
    return [answer, fieldOf(answer, "error")].flatMap((place) =>
      ["code", "error_type", "type"].map((name) => fieldOf(place, name)),
    );
  } catch {
    return []; // a proxy's page
  }
}
