import { readErrorBody, reportedError } from "#providers/service/error-body.ts";
import { fieldOf } from "#providers/service/json-fields.ts";
import { loggableMessage } from "#providers/service/provider-message.ts";
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
 * @param texts that the body may quote, and that must not be logged
 */
export function statusError(
  service: string,
  { status, headers }: Pick<Response, "status" | "headers">,
  body: string,
  texts: readonly string[] = [],
): RerankError {
  const code = codesIn(body).find(isCode) ?? `HTTP_${status}`;
  const detail = loggableMessage(messageIn(body), texts);
  return new RerankError(`${service} responded with ${status} ${code}`, { code, status, headers, detail });
}

/** The error that some gateways return with status 200; `undefined` when there is none. */
export function errorIn(
  service: string,
  response: unknown,
  body: string,
  texts: () => readonly string[],
): RerankError | undefined {
  const reported = reportedError(response);
  if (!reported) return undefined;
  const { status } = reported;
  if (status !== undefined) return statusError(service, { status, headers: new Headers() }, body, texts());
  const code = codesIn(body).find(isCode) ?? "error_in_answer";
  const detail = loggableMessage(messageIn(body), texts());
  return new RerankError(`${service} responded with an error in place of scores: ${code}`, { code, detail });
}

/** Whether the server finds that there are too many documents, and not that one of them is too long. */
export function isBatchTooLarge({ status }: Response, body: string): boolean {
  if (status !== 400 && status !== 413 && status !== 422) return false;
  const said = messageIn(body);
  if (
    /batch.?size|too many documents|(?:number|list) of documents|documents.{0,30}(?:exceed|at most|maximum)/i.test(said)
  ) {
    return true;
  }
  return status === 413 && !/tokens/i.test(said);
}

/** Whether the server expects TEI's `texts` in place of `documents`. */
export function isMissingTexts({ status }: Response, body: string): boolean {
  return (status === 400 || status === 422) && /missing field `?texts|\btexts\b.{0,20}(?:required|missing)/i.test(body);
}

function messageIn(body: string): string {
  try {
    return readErrorBody(JSON.parse(body)).text;
  } catch {
    return body;
  }
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
