import OpenAI from "openai";
import { readErrorBody, reportedError } from "#providers/service/error-body.ts";
import { loggableMessage } from "#providers/service/provider-message.ts";
import { isCode, isRequestId, ServiceError } from "#providers/service/service-error.ts";

/**
 * A failed call of OpenAI or a compatible server. The message never quotes the request or the response; `detail` is what
 * the server said. Codes are the service's own ("rate_limit_exceeded") or ours ("timeout").
 */
export class OpenAIServiceError extends ServiceError {
  override readonly name = "OpenAIServiceError";
}

/**
 * Runs one call of the client.
 *
 * @param service for messages: a model at a host
 * @param texts that a message of the server may quote, and that must not be logged
 * @throws OpenAIServiceError with the client's error as its `cause`; the signal's reason once it is aborted
 */
export async function callService<T>(
  service: string,
  call: () => PromiseLike<T>,
  signal?: AbortSignal,
  texts: () => readonly string[] = () => [],
): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    signal?.throwIfAborted();
    throw toServiceError(service, cause, texts());
  }
}

export function toServiceError(service: string, cause: unknown, texts: readonly string[]): OpenAIServiceError {
  if (cause instanceof OpenAIServiceError) return cause;
  if (cause instanceof OpenAI.APIConnectionTimeoutError || (cause instanceof Error && cause.name === "TimeoutError")) {
    return new OpenAIServiceError(`${service} timed out`, { code: "timeout", cause });
  }
  if (cause instanceof OpenAI.APIError && !(cause instanceof OpenAI.APIConnectionError)) {
    const { status, headers, requestID } = cause;
    const detail = loggableMessage(readErrorBody(cause.error ?? cause.message).text, texts);
    // Most compatible servers return the status as `code`; their `type` says more.
    const known = [cause.code, cause.type].find(isCode);
    if (status === undefined) {
      const code = known ?? "error_in_stream";
      return new OpenAIServiceError(`${service} responded with an error in place of an answer: ${code}`, {
        ...{ code, detail, cause },
      });
    }
    const code = known ?? `HTTP_${status}`;
    const request = isRequestId(requestID) ? ` (request ${requestID})` : "";
    return new OpenAIServiceError(`${service} responded with ${status} ${code}${request}`, {
      ...{ code, status, headers, detail, cause },
    });
  }
  if (cause instanceof SyntaxError) {
    return new OpenAIServiceError(`${service} returned malformed JSON`, { code: "malformed_json", cause });
  }
  return new OpenAIServiceError(`${service} is unreachable, or the connection was lost`, { cause });
}

/**
 * @param withStatus false once part of the answer was used: the request must not be sent again then
 * @throws APIError for an error that is reported with status 200, with the error's own status if it has one
 */
export function throwIfError(response: unknown, headers: Headers, withStatus = true): void {
  const reported = reportedError(response);
  if (!reported) return;
  const { error, status } = reported;
  throw new OpenAI.APIError(withStatus ? status : undefined, asObject(error), undefined, headers);
}

function asObject(error: unknown): object {
  return typeof error === "object" && error !== null ? error : { message: String(error) };
}
