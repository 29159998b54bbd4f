import type { Span } from "@opentelemetry/api";
import type { Citation } from "#rag/ports.ts";

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

/** A check that waits for a service, and goes on meanwhile. */
export interface SlowCheck extends AnswerCheck {
  /**
   * Begins to check the answers whose responses were sent.
   *
   * @returns settles when those that are being checked are done, and never rejects; `undefined` when there is none
   */
  start(): Promise<unknown> | undefined;
  /** The same, and waits for `ms` milliseconds at most; then what is left is dropped. Never rejects. */
  settle(ms: number): Promise<void>;
  /** Gives up all answers that are not checked yet. */
  drop(): void;
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
export function isAnswered({ request }: EndedAnswer): boolean {
  return request?.isRecording() !== true;
}
