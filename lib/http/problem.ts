import { secure } from "#http/middleware/secure-headers.ts";
import type { Problem } from "#http/schemas/responses.ts";
import { RagError, reportedStageOf, type Stage, subrequestLimitOf, TooLargeError } from "#rag/errors.ts";
import { UnansweredError } from "#rag/unanswered-error.ts";
import { stagesOf, toCitations } from "./answer-response.ts";

export interface FieldError {
  /** RFC 6901 JSON Pointer into the request body; "" is the body itself. */
  path: string;
  message: string;
}

export interface RequestErrorOptions {
  errors?: readonly FieldError[];
  /** How many errors there were, when `errors` lists the first ones only. */
  errorsTotal?: number;
  /** Headers of the response that this becomes. */
  headers?: Readonly<Record<string, string>>;
}

/** A request that is rejected. Its message is sent to the caller. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 429 | 503;
  readonly errors: readonly FieldError[] | undefined;
  readonly errorsTotal: number | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;

  constructor(
    status: RequestError["status"],
    detail: string,
    { errors, errorsTotal, headers }: RequestErrorOptions = {},
  ) {
    super(detail);
    this.status = status;
    this.errors = errors;
    this.errorsTotal = errorsTotal;
    this.headers = headers;
  }
}

const REQUEST_TITLES: Record<RequestError["status"], string> = {
  400: "Invalid request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not found",
  405: "Method not allowed",
  409: "Conflict",
  413: "Request body too large",
  415: "Unsupported content type",
  429: "Too many requests",
  503: "Service unavailable",
};

/** Statuses with the stage "validation": the request or its key is invalid, unlike with the other statuses. */
const INVALID: ReadonlySet<number> = new Set([400, 401, 403, 413, 415]);

const STAGE_DETAILS: Partial<Record<Stage, string>> = {
  cache: "The answer cache could not be invalidated.",
  embedding: "The embedding model is unavailable.",
  vector_search: "The document store is unavailable.",
  rerank: "The reranker is unavailable.",
  llm_generation: "The language model is unavailable.",
  upsert: "The document store did not accept the change.",
  deadline: "The request ran out of time.",
};

/** The public description of a failed stage: never an internal message. */
export function publicDetail(error: RagError): string {
  if (error instanceof TooLargeError) return error.message;
  const limit = subrequestLimitOf(error);
  if (limit) return limit.message;
  return STAGE_DETAILS[reportedStageOf(error)] ?? "The request could not be completed.";
}

/**
 * Maps any thrown value to an RFC 9457 problem. The only place that turns errors into status codes; the message of an
 * unexpected error is never sent.
 */
export function toProblem(error: unknown, traceId: string): Problem {
  if (error instanceof RequestError) {
    const { status, message: detail, errors, errorsTotal } = error;
    const stage = INVALID.has(status) ? ("validation" satisfies Stage) : undefined;
    const rejected = problem(status, REQUEST_TITLES[status], detail, traceId, stage);
    return {
      ...rejected,
      ...(errors && { errors: [...errors] }),
      ...(errorsTotal !== undefined && { errors_total: errorsTotal }),
    };
  }
  if (error instanceof RagError) {
    const stage = reportedStageOf(error);
    const [status, title] = stage === "deadline" ? [504, "Deadline exceeded"] : [503, "Service unavailable"];
    const failed = problem(status, title, publicDetail(error), traceId, stage);
    if (!(error instanceof UnansweredError)) return failed;
    return { ...failed, citations: toCitations(error.citations), degraded: stagesOf(error.degraded) };
  }
  return problem(500, "Internal error", "Unexpected error; find this request in the logs by its trace_id.", traceId);
}

function problem(status: number, title: string, detail: string, trace_id: string, stage?: Stage): Problem {
  const type = `urn:edge-rag:problem:${title.toLowerCase().replaceAll(" ", "-")}`;
  return { type, title, status, detail, ...(stage && { stage }), trace_id };
}

export function problemResponse(body: Problem, headers: Readonly<Record<string, string>> = {}): Response {
  const response = new Response(JSON.stringify(body), {
    status: body.status,
    headers: { ...headers, "content-type": "application/problem+json" },
  });
  secure(response.headers);
  return response;
}
