import { SpanKind } from "@opentelemetry/api";
import { AbandonedError } from "#rag/errors.ts";
import type { SearchDocuments } from "#rag/search.ts";
import { ATTR } from "#telemetry/attributes.ts";
import { inputAttributes } from "./open-inference.ts";
import { queryErrorCounter, queryStageOf, recordDegraded } from "./query-errors.ts";
import { type Instrumentation, queryContext, requestSpan, withSpan } from "./span.ts";

/**
 * The same search with a `rag.search` span per question. Its stages and errors count in the metrics of queries; its
 * duration has a histogram of its own, because searches are several times faster than answers and would hide slow ones.
 */
export function traceSearch(search: SearchDocuments, instrumentation: Instrumentation): SearchDocuments {
  const { metrics, captureContent } = instrumentation;

  return (question, call) => {
    let outcome: "found" | "not_found" | "error" | "abandoned" = "error";
    const attributes = {
      [ATTR.openInferenceSpanKind]: "CHAIN",
      [ATTR.queryLength]: question.question.length,
      [ATTR.topicIdsCount]: question.filter?.topicIds?.length ?? 0,
      ...(captureContent && inputAttributes(question.question)),
    };
    // Of the request too: back ends list traces by the input of their root span.
    if (captureContent) requestSpan()?.setAttributes(inputAttributes(question.question));
    const countError = queryErrorCounter(instrumentation);
    const onEnd = (seconds: number, failure: string | undefined) => {
      if (failure === "deadline") countError("deadline");
      metrics.searchDuration.record(seconds, { outcome });
    };
    const spec = { name: "rag.search", kind: SpanKind.INTERNAL, attributes, parent: queryContext(), onEnd };

    return withSpan(instrumentation, spec, async (span) => {
      try {
        const result = await search(question, call);
        outcome = result.citations.length > 0 ? "found" : "not_found";
        recordDegraded(instrumentation, span, result.degraded);
        span.setAttributes({
          [ATTR.resultsCount]: result.citations.length,
          [ATTR.cacheHit]: result.cache.embedding,
        });
        return result;
      } catch (error) {
        if (error instanceof AbandonedError) outcome = "abandoned";
        else countError(queryStageOf(error, "vector_search"));
        throw error;
      }
    });
  };
}
