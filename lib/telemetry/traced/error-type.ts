import { RagError } from "#rag/errors.ts";
import { errorType } from "#telemetry/sdk/error-type.ts";

/** The `error.type` of an error of the pipeline: a stage's error is named by what it failed with. */
export function stageErrorType(error: unknown): string {
  return errorType(error, (link) => link instanceof RagError);
}
