import type { Degradation } from "#rag/errors.ts";
import type { IngestDocuments } from "#rag/ingest.ts";
import { UnansweredError } from "#rag/unanswered-error.ts";
import { describeError, log } from "./log.ts";

/** Logs why a stage was skipped: the response names the stage only. Failures of the caches are logged by themselves. */
export function logSkippedStages<Arguments extends unknown[], Result extends { degraded: readonly Degradation[] }>(
  pipeline: (...args: Arguments) => Promise<Result>,
): (...args: Arguments) => Promise<Result> {
  const logAll = (degraded: readonly Degradation[]): void => {
    for (const { stage, error } of degraded.filter(({ stage }) => stage !== "cache")) {
      log({ level: "WARN", message: "stage skipped", stage, error: describeError(error) });
    }
  };
  return async (...args) => {
    try {
      const result = await pipeline(...args);
      logAll(result.degraded);
      return result;
    } catch (error) {
      if (error instanceof UnansweredError) logAll(error.degraded);
      throw error;
    }
  };
}

/** Logs why a document failed: the response says the stage only. */
export function logFailedDocuments(ingestDocuments: IngestDocuments): IngestDocuments {
  return (documents, call) =>
    ingestDocuments(documents, {
      ...call,
      onDone(document) {
        const { error } = document;
        if (error) log({ level: "WARN", message: "document failed", stage: error.stage, error: describeError(error) });
        call?.onDone?.(document);
      },
    });
}
