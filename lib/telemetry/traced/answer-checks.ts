import { isSpanContextValid, type Span, type SpanContext } from "@opentelemetry/api";
import type { Answer } from "#rag/answer.ts";
import type { Citation } from "#rag/ports.ts";
import type { Question } from "#rag/question.ts";
import type { SlowWork } from "#telemetry/lifecycle/slow-queue.ts";

/** An answer whose generation has ended. */
export interface EndedAnswer {
  /** Of the generation; it is kept open until all checks of the answer are done. */
  span: Span;
  /** When the generation ended, as `performance.now()`: the span's end, and the time of its events. */
  endedAt: number;
  question: string;
  text: string;
  sources: readonly Citation[];
  /** The span of the request, which ends with the response. */
  request: Span | undefined;
}

/** What is found out about answers after their responses. */
export interface AnswerCheck {
  /** Whether the answer of this trace is to be checked. */
  isSampled(traceId: string): boolean;
  /** @param done to be called once the answer is checked, or will not be */
  add(answer: EndedAnswer, done: () => void): void;
}

/** A check that waits for a service. */
export interface SlowCheck extends AnswerCheck, SlowWork {}

/** A question that was answered, not from a cache, with no stage skipped. */
export interface AnsweredQuestion {
  /** As it was answered. */
  question: Question;
  answer: Answer;
  tenant: string | undefined;
  /** The `rag.query` span. */
  span: SpanContext;
  /** The span of the request, which ends with the response. */
  request: Span | undefined;
}

/** What is done with answered questions after their responses. */
export interface QuestionCheck extends SlowWork {
  /** Whether the question of this trace is to be taken. */
  isSampled(traceId: string): boolean;
  add(answered: AnsweredQuestion): void;
}

/**
 * Whether a trace is among a share of all, as OpenTelemetry's samplers decide by probability, from the 56 random bits of its
 * id: whoever knows the trace id and the share comes to the same decision.
 * https://opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling/
 *
 * @param share in [0, 1]
 */
export function isInShare(traceId: string, share: number): boolean {
  return Number.parseInt(traceId.slice(-14), 16) / 2 ** 56 >= 1 - share;
}

/** Ends the span of an answer, with the time at which it ended, when the checks that want the answer are done. */
export function endAfterChecks(checks: readonly AnswerCheck[], answer: EndedAnswer): void {
  const { span, endedAt } = answer;
  const sampled = checks.filter((check) => check.isSampled(span.spanContext().traceId));
  let left = sampled.length;
  const done = () => {
    left -= 1;
    if (left === 0) span.end(endedAt);
  };
  if (left === 0) span.end(endedAt);
  for (const check of sampled) check.add(answer, done);
}

/** Whether the response that has the answer was sent. */
export function isAnswered({ request }: Pick<EndedAnswer, "request">): boolean {
  return request?.isRecording() !== true;
}

/** Gives a question whose answer is worth it to the checks that want it. */
export function checkQuestion(checks: readonly QuestionCheck[], { question, answer, ...rest }: AnsweredQuestion): void {
  if (!answer.answered || answer.cache.answer || answer.degraded.length > 0 || !isSpanContextValid(rest.span)) return;
  const asked = { ...question, question: answer.rewrittenQuestion ?? question.question };
  for (const check of checks) if (check.isSampled(rest.span.traceId)) check.add({ question: asked, answer, ...rest });
}
