import { secure } from "#http/middleware/secure-headers.ts";
import type { OpenAIError } from "#http/schemas/chat-response.ts";
import type { Problem } from "#http/schemas/responses.ts";

const CODES: Readonly<Record<number, string>> = {
  401: "invalid_api_key",
  404: "unknown_url",
  405: "method_not_supported",
  429: "rate_limit_exceeded",
};

/** The problem as OpenAI words errors, by which clients choose an exception and whether to try again. */
export function toOpenAIError({ status, detail, stage, trace_id, errors = [] }: Problem): OpenAIError {
  const [first] = errors;
  const param = first && first.path !== "" ? parameterOf(first.path) : null;
  const type = status >= 500 ? "server_error" : status === 429 ? "requests" : "invalid_request_error";
  const code = status === 404 && param === "model" ? "model_not_found" : (CODES[status] ?? null);
  const message = status === 400 && param && first ? `${param}: ${first.message}` : detail;
  return { error: { message, type, param, code, ...(stage && { stage }), trace_id } };
}

export function openAIErrorResponse(problem: Problem, headers: Readonly<Record<string, string>> = {}): Response {
  const response = Response.json(toOpenAIError(problem), { status: problem.status, headers });
  secure(response.headers);
  return response;
}

/** OpenAI's name for a field: `messages[0].content` for the JSON Pointer "/messages/0/content". */
function parameterOf(pointer: string): string {
  return pointer
    .slice(1)
    .replace(/\/(\d+)(?=\/|$)/g, "[$1]")
    .replaceAll("/", ".");
}
