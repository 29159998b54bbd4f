import OpenAI from "openai";
import { isCode, isRequestId, ServiceError } from "#providers/service/service-error.ts";

/**
 * A call of OpenAI, or of a server like it, that failed. The message never quotes what was sent or answered. Codes are
 * the service's own ("rate_limit_exceeded") or ours ("timeout").
 */
export class OpenAIServiceError extends ServiceError {
  override readonly name = "OpenAIServiceError";
}

/**
 * Runs one call of the client.
 *
 * @param who for messages: a model at a host
 * @throws OpenAIServiceError with what the client threw as `cause`; the signal's reason once it is aborted.
 */
export async function callService<T>(who: string, call: () => PromiseLike<T>, signal?: AbortSignal): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    signal?.throwIfAborted();
    throw toServiceError(who, cause);
  }
}

function toServiceError(who: string, cause: unknown): OpenAIServiceError {
  if (cause instanceof OpenAI.APIConnectionTimeoutError || (cause instanceof Error && cause.name === "TimeoutError")) {
    return new OpenAIServiceError(`${who} did not answer in time`, { code: "timeout", cause });
  }
  if (cause instanceof OpenAI.APIError && cause.status !== undefined) {
    const { status, headers, requestID } = cause;
    // Most servers that only speak the protocol give a number as code, and say more with the type.
    const code = [cause.code, cause.type].find(isCode) ?? `HTTP_${status}`;
    const request = isRequestId(requestID) ? ` (request ${requestID})` : "";
    return new OpenAIServiceError(`${who} answered ${status} ${code}${request}`, { code, status, headers, cause });
  }
  if (cause instanceof OpenAI.APIError && !(cause instanceof OpenAI.APIConnectionError)) {
    const code = [cause.code, cause.type].find(isCode) ?? "error_in_stream";
    return new OpenAIServiceError(`${who} broke off in its answer with ${code}`, { code, cause });
  }
  if (cause instanceof SyntaxError) {
    return new OpenAIServiceError(`${who} answered with broken JSON`, { code: "malformed_json", cause });
  }
  return new OpenAIServiceError(`${who} could not be reached, or broke off`, { cause });
}
