import {
  type Attributes,
  type Context,
  context,
  createContextKey,
  INVALID_SPAN_CONTEXT,
  type Link,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import type { Stage } from "#rag/errors.ts";
import { ATTR } from "#telemetry/attributes.ts";
import type { Metrics } from "#telemetry/metrics.ts";
import type { AnswerCheck, QuestionCheck } from "./answer-checks.ts";
import { stageErrorType } from "./error-type.ts";

/** What all wrappers record with. */
export interface Instrumentation {
  readonly tracer: Tracer;
  readonly metrics: Metrics;
  /** Whether spans may hold questions, sources, answers and error messages. */
  readonly captureContent: boolean;
  /** Whether the number or length of a span's attributes is limited by configuration. */
  readonly hasSpanLimits: boolean;
  readonly answerChecks: readonly AnswerCheck[];
  readonly questionChecks: readonly QuestionCheck[];
}

export interface SpanSpec {
  name: string;
  kind: SpanKind;
  attributes: Attributes;
  /** The active context when absent. */
  parent?: Context;
  links?: Link[];
  /** Whether the spans below it are {@link OpenSpans} of it. */
  collects?: boolean;
  /** Ends the span; by default at once. @param at when it ended, as `performance.now()` */
  end?: (span: Span, at: number) => void;
  /** Called once after the span has ended, however it ended. */
  onEnd?: (seconds: number, errorType: string | undefined) => void;
}

/** The spans open below a server span, to be ended at the deadline. */
export class OpenSpans {
  /** The server or consumer span. */
  readonly root: Span;
  readonly #ends = new Set<(errorType: string) => void>();
  #expired = false;

  constructor(root: Span) {
    this.root = root;
  }

  /** From then on nothing is recorded below the server span. */
  get expired(): boolean {
    return this.#expired;
  }

  add(end: (errorType: string) => void): void {
    this.#ends.add(end);
  }

  delete(end: (errorType: string) => void): void {
    this.#ends.delete(end);
  }

  /** Ends all, the innermost first. */
  expire(errorType: string): void {
    this.#expired = true;
    for (const end of [...this.#ends].reverse()) end(errorType);
  }
}

const OPEN_SPANS = createContextKey("edge-rag: open spans");

function openSpansIn(active: Context): OpenSpans | undefined {
  return active.getValue(OPEN_SPANS) as OpenSpans | undefined;
}

/** Those of the server or consumer span that the work belongs to. */
export function openSpans(): OpenSpans | undefined {
  return openSpansIn(context.active());
}

/** The server or consumer span that the work belongs to. */
export function requestSpan(): Span | undefined {
  return openSpans()?.root;
}

/**
 * Runs `run` in a span that ends when it settles; an error is recorded on the span and rethrown. When the request's
 * deadline comes first, the span ends then, and what `run` does later is not recorded.
 */
export function withSpan<T>(
  { tracer, captureContent }: Instrumentation,
  { name, kind, attributes, parent = context.active(), links, collects, end: endSpan, onEnd }: SpanSpec,
  run: (span: Span) => Promise<T>,
): Promise<T> {
  const open = openSpansIn(parent);
  if (open?.expired) return run(trace.wrapSpanContext(INVALID_SPAN_CONTEXT));
  const span = tracer.startSpan(name, { kind, ...(links && { links }) }, parent);
  // Not with its start: no sampler of ours reads them, and the SDK would copy them three times.
  span.setAttributes(attributes);
  const within = trace.setSpan(parent, span);
  return context.with(collects ? within.setValue(OPEN_SPANS, new OpenSpans(span)) : within, async () => {
    const started = performance.now();
    let ended = false;
    const end = (failure?: string) => {
      if (ended) return;
      ended = true;
      open?.delete(expire);
      const at = performance.now();
      if (endSpan) endSpan(span, at);
      else span.end();
      // To the nanosecond: the clock's noise below it would be ten more digits in each metric.
      onEnd?.(Math.round((at - started) * 1e6) / 1e9, failure);
    };
    const expire = (errorType: string) => {
      span.setAttribute(ATTR.errorType, errorType).setStatus({ code: SpanStatusCode.ERROR });
      end(errorType);
    };
    open?.add(expire);
    try {
      const result = await run(span);
      end();
      return result;
    } catch (error) {
      end(ended ? undefined : markFailed(span, error, captureContent));
      throw error;
    }
  });
}

/** Marks a span as failed and returns the `error.type` it set. */
export function markFailed(span: Span, error: unknown, captureContent: boolean): string {
  const type = stageErrorType(error);
  span.setAttribute(ATTR.errorType, type);
  if (captureContent && error instanceof Error) {
    span.recordException(error);
    span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
  } else {
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  return type;
}

const IN_QUERY = createContextKey("edge-rag: in a query");

/** The parent of a query's span: the stages below it count in `rag_stage_duration_seconds`. */
export function queryContext(): Context {
  return context.active().setValue(IN_QUERY, true);
}

/** Whether what runs now is part of a query. */
export function isInQuery(active = context.active()): boolean {
  return active.getValue(IN_QUERY) === true;
}

/** {@link withSpan} for a stage of the pipeline: the span `rag.<stage>` and, inside a query, the stage's duration. */
export function withStage<T>(
  instrumentation: Instrumentation,
  stage: Stage,
  spec: Omit<SpanSpec, "name" | "parent">,
  run: (span: Span) => Promise<T>,
): Promise<T> {
  const parent = context.active();
  const counts = isInQuery(parent);
  const onEnd: SpanSpec["onEnd"] = (seconds, failure) => {
    if (counts) instrumentation.metrics.stageDuration.record(seconds, { stage });
    spec.onEnd?.(seconds, failure);
  };
  return withSpan(instrumentation, { ...spec, name: `rag.${stage}`, parent, onEnd }, run);
}

/** CLIENT for work that leaves the process. */
export function kindOf({ address }: { readonly address?: string }): SpanKind {
  return address === undefined ? SpanKind.INTERNAL : SpanKind.CLIENT;
}
