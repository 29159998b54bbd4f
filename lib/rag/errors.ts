/** Where a request failed; the `stage` of an error body and of `rag_query_errors_total`. */
export type Stage =
  | "validation"
  | "cache"
  | "query_rewrite"
  | "embedding"
  | "vector_search"
  | "rerank"
  | "llm_generation"
  | "deadline"
  | "chunk"
  | "upsert";

/**
 * An expected failure of one stage of the pipeline. The message says what was attempted, for logs and spans;
 * `#http/problem.ts` decides what a caller sees.
 */
export class RagError extends Error {
  override readonly name: string = "RagError";
  readonly stage: Stage;

  constructor(stage: Stage, message: string, options?: ErrorOptions) {
    super(message, options);
    this.stage = stage;
  }
}

/** A document is over a limit of ours. Unlike that of other errors its message is sent to the caller. */
export class TooLargeError extends RagError {
  override readonly name = "TooLargeError";

  constructor(message: string) {
    super("chunk", message);
  }
}

/**
 * The stage to report for an error: "deadline" when a stage failed because too little time was left for it, which says
 * nothing about its service. Providers name that with the code "deadline_exceeded".
 */
export function reportedStageOf({ stage, cause }: RagError): Stage {
  return cause instanceof Error && "code" in cause && cause.code === "deadline_exceeded" ? "deadline" : stage;
}

/** A list was to go on at a place that is none of its own. */
export class CursorError extends RagError {
  override readonly name = "CursorError";

  constructor() {
    super("validation", "not a cursor of this list");
  }
}

/**
 * An invocation has sent as many requests to services as its platform allows, so that one was not sent: this says nothing
 * about the service. The message is sent to the caller.
 */
export class SubrequestLimitError extends Error {
  override readonly name = "SubrequestLimitError";
  readonly code = "too_many_subrequests";
}

/** The {@link SubrequestLimitError} that an error is, or was caused by; clients wrap what `fetch` throws. */
export function subrequestLimitOf(error: unknown): SubrequestLimitError | undefined {
  let link = error;
  // A chain of causes may be circular.
  for (let depth = 0; link instanceof Error && depth < 8; depth += 1) {
    if (link instanceof SubrequestLimitError) return link;
    link = link.cause;
  }
  return undefined;
}

/** A stage that failed and was skipped. */
export interface Degradation {
  stage: "cache" | "query_rewrite" | "embedding" | "rerank";
  error: RagError;
}

/** The caller disconnected before the response was complete: not a failure of any stage. */
export class AbandonedError extends Error {
  override readonly name = "AbandonedError";
  readonly code = "abandoned";

  constructor() {
    super("the caller disconnected");
  }
}

/** Runs one stage; anything it throws is rethrown as a {@link RagError} of that stage, with the original as `cause`. */
export async function inStage<T>(stage: Stage, attempted: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof RagError) throw error;
    throw new RagError(stage, `${attempted} failed: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
