import type { Span, SpanContext } from "@opentelemetry/api";
import { TraceFlags } from "@opentelemetry/api";
import type { Answer } from "#rag/answer.ts";

/** The span that an answer came from, for what is later said about it. */
export interface AnswerSpan {
  /** 16 lower-case hex digits. */
  spanId: string;
  /** Whether the span is exported. */
  sampled: boolean;
}

const spans = new WeakMap<Answer, SpanContext>();

export function rememberSpan(answer: Answer, span: Span): void {
  spans.set(answer, span.spanContext());
}

/** The `rag.query` span of an answer of `traceAnswer`; `undefined` for any other. */
export function spanOf(answer: Answer): AnswerSpan | undefined {
  const span = spans.get(answer);
  return span && { spanId: span.spanId, sampled: (span.traceFlags & TraceFlags.SAMPLED) !== 0 };
}
