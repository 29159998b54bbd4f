import type { Span } from "@opentelemetry/api";
import { type Degradation, RagError, reportedStageOf, type Stage } from "#rag/errors.ts";
import { ATTR } from "#telemetry/attributes.ts";
import { stageErrorType } from "./error-type.ts";
import type { Instrumentation } from "./span.ts";

/** A stage a query can fail in: the `stage` of `rag_query_errors_total`. */
export type QueryStage = Exclude<Stage, "chunk" | "upsert">;

/** Counts the error that a query or a search ends with, once. */
export function queryErrorCounter({ metrics }: Instrumentation): (stage: QueryStage) => void {
  let counted = false;
  return (stage) => {
    if (!counted) metrics.queryErrors.add(1, { stage });
    counted = true;
  };
}

/** Records the stages that were skipped. Cache failures are counted where they happen, as they also happen in an ingest. */
export function recordDegraded({ metrics }: Instrumentation, span: Span, degraded: readonly Degradation[]): void {
  if (degraded.length > 0)
    span.setAttribute(
      ATTR.degraded,
      degraded.map(({ stage }) => stage),
    );
  for (const { stage, error } of degraded) {
    span.addEvent("rag.degraded", { [ATTR.stage]: stage, [ATTR.errorType]: stageErrorType(error) });
    metrics.queriesDegraded.add(1, { stage });
    if (stage !== "cache") metrics.queryErrors.add(1, { stage });
  }
}

/** @param otherwise the stage of an error outside of all stages */
export function queryStageOf(error: unknown, otherwise: QueryStage): QueryStage {
  const stage = error instanceof RagError ? reportedStageOf(error) : otherwise;
  return stage === "chunk" || stage === "upsert" ? otherwise : stage;
}
