import { type Attributes, type Span, SpanKind } from "@opentelemetry/api";
import type { Answer, AnswerQuestion } from "#rag/answer.ts";
import { AbandonedError } from "#rag/errors.ts";
import type { IngestDocuments, IngestedDocument } from "#rag/ingest.ts";
import { UnansweredError } from "#rag/unanswered-error.ts";
import { ATTR } from "#telemetry/attributes.ts";
import { checkQuestion } from "./answer-checks.ts";
import { rememberSpan } from "./answer-span.ts";
import { inputAttributes, outputAttributes } from "./open-inference.ts";
import { queryErrorCounter, queryStageOf, recordDegraded } from "./query-errors.ts";
import { type Instrumentation, markFailed, queryContext, requestSpan, withSpan } from "./span.ts";

/** The same pipeline with a `rag.query` span per question, its duration by outcome, and its errors by stage. */
export function traceAnswer(answer: AnswerQuestion, instrumentation: Instrumentation): AnswerQuestion {
  const { metrics, captureContent, questionChecks } = instrumentation;

  return (question, call) => {
    let outcome: "answered" | "not_found" | "error" | "abandoned" = "error";
    const attributes = {
      [ATTR.openInferenceSpanKind]: "CHAIN",
      [ATTR.queryLength]: question.question.length,
      [ATTR.topicIdsCount]: question.filter?.topicIds?.length ?? 0,
    };
    // Of the request too: back ends list traces by the input and output of their root span.
    const request = requestSpan();
    const recordContent = (span: Span, content: Attributes) => {
      if (!captureContent) return;
      span.setAttributes(content);
      request?.setAttributes(content);
    };
    const countError = queryErrorCounter(instrumentation);
    const onEnd = (seconds: number, failure: string | undefined) => {
      if (failure === "deadline") countError("deadline");
      metrics.queryDuration.record(seconds, { outcome });
    };
    const spec = { name: "rag.query", kind: SpanKind.INTERNAL, attributes, parent: queryContext(), onEnd };

    return withSpan(instrumentation, spec, async (span) => {
      recordContent(span, inputAttributes(question.question));
      try {
        const result = await answer(question, call);
        recordDegraded(instrumentation, span, result.degraded);
        outcome = result.answered ? "answered" : "not_found";
        if (result.cache.answer === true) metrics.answerCacheHits.add(1);
        if (result.cache.answer === false) metrics.answerCacheMisses.add(1);
        span.setAttributes(answerAttributes(result));
        recordContent(span, outputAttributes(result.text));
        rememberSpan(result, span);
        const answered = { question, answer: result, tenant: call?.tenant, span: span.spanContext(), request };
        checkQuestion(questionChecks, answered);
        return result;
      } catch (error) {
        if (error instanceof UnansweredError) recordDegraded(instrumentation, span, error.degraded);
        if (error instanceof AbandonedError) outcome = "abandoned";
        // Work outside the stages prepares generation.
        else countError(queryStageOf(error, "llm_generation"));
        throw error;
      }
    });
  };
}

/** The same pipeline with a `rag.ingest` span per batch; a document that failed marks it as failed. */
export function traceIngest(ingest: IngestDocuments, instrumentation: Instrumentation): IngestDocuments {
  return (documents, options) => {
    const attributes = {
      [ATTR.openInferenceSpanKind]: "CHAIN",
      [ATTR.documentsCount]: documents.length,
    };
    const spec = { name: "rag.ingest", kind: SpanKind.INTERNAL, attributes };

    return withSpan(instrumentation, spec, async (span) => {
      const result = await ingest(documents, options);
      const unchanged = result.documents.filter(({ status }) => status === "unchanged");
      span.setAttributes({
        [ATTR.chunksCount]: sumOfChunks(result.documents),
        [ATTR.chunksUnchanged]: sumOfChunks(unchanged),
      });
      const failed = result.documents.find(({ status }) => status === "failed");
      if (failed) markFailed(span, failed.error, instrumentation.captureContent);
      return result;
    });
  };
}

function answerAttributes({ citations, usage, cache }: Answer): Attributes {
  return {
    [ATTR.resultsCount]: citations.length,
    [ATTR.tokensPrompt]: usage.promptTokens,
    [ATTR.tokensCompletion]: usage.completionTokens,
    [ATTR.cacheHit]: cache.embedding,
    ...(cache.answer !== undefined && { [ATTR.cacheAnswerHit]: cache.answer }),
  };
}

function sumOfChunks(documents: readonly IngestedDocument[]): number {
  return documents.reduce((sum, { chunks }) => sum + chunks, 0);
}
