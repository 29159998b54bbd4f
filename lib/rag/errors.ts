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
