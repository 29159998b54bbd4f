import OpenAI from "openai";
import { isCode, isRequestId, ServiceError } from "#providers/service/service-error.ts";

/**
 * A failed call of OpenAI or a compatible server. The message never quotes the request or the response. Codes are the
 * service's own ("rate_limit_exceeded") or ours ("timeout").
 */
export class OpenAIServiceError extends ServiceError {
  override readonly name = "OpenAIServiceError";
}

/**
 * Runs one call of the client.
 *
 * @param service for messages: a model at a host
 * @throws OpenAIServiceError with the client's error as its `cause`; the signal's reason once it is aborted
 */
export async function callService<T>(service: string, call: () => PromiseLike<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    signal?.throwIfAborted();
    throw toServiceError(service, cause);
  }
}

function toServiceError(service: string, cause: unknown): OpenAIServiceError {
  if (cause instanceof OpenAI.APIConnectionTimeoutError || (cause instanceof Error && cause.name === "TimeoutError")) {
    return new OpenAIServiceError(`${service} timed out`, { code: "timeout", cause });
  }
  if (cause instanceof OpenAI.APIError && cause.status !== undefined) {
    const { status, headers, requestID } = cause;
    // Most compatible servers return the status as `code`; their `type` says more.
    const code = [cause.code, cause.type].find(isCode) ?? `HTTP_${status}`;
    const request = isRequestId(requestID) ? ` (request ${requestID})` : "";
    return new OpenAIServiceError(`${service} responded with ${status} ${code}${request}`, {
      code,
      status,
      headers,
      cause,
    });
  }
  if (cause instanceof OpenAI.APIError && !(cause instanceof OpenAI.APIConnectionError)) {
    const code = [cause.code, cause.type].find(isCode) ?? "error_in_stream";
    return new OpenAIServiceError(`${service} sent an error in the stream: ${code}`, { code, cause });
  }
  if (cause instanceof SyntaxError) {
    return new OpenAIServiceError(`${service} returned malformed JSON`, { code: "malformed_json", cause });
  }
  return new OpenAIServiceError(`${service} is unreachable, or the connection was lost`, { cause });
}
