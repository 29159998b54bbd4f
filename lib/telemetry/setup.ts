import { randomUUID } from "node:crypto";
import type { Meter } from "@opentelemetry/api";
import { defaultResource, resourceFromAttributes } from "@opentelemetry/resources";
import type { BreakerState } from "#async/breaker.ts";
import { settlesWithin } from "#async/time-limit.ts";
import type { AnswerPorts, AnswerQuestion } from "#rag/answer.ts";
import type { IngestDocuments, IngestPorts } from "#rag/ingest.ts";
import type { QueryRewriter } from "#rag/query-rewriter.ts";
import type { SearchDocuments } from "#rag/search.ts";
import type { Signal } from "#telemetry/export/signals.ts";
import { createFlush, type FlushResult, type FlushTimes } from "#telemetry/lifecycle/flush.ts";
import type { Lifecycle, Runtime } from "#telemetry/lifecycle/lifecycle.ts";
import type { SlowWork } from "#telemetry/lifecycle/slow-queue.ts";
import { startLifecycle } from "#telemetry/lifecycle/start.ts";
import { createTelemetryProviders } from "#telemetry/record/providers.ts";
import { registerGlobals } from "#telemetry/sdk/globals.ts";
import { createPropagatingFetch } from "#telemetry/sdk/propagating-fetch.ts";
import { createPropagator } from "#telemetry/sdk/propagator.ts";
import { resourceAttributes } from "#telemetry/sdk/resource.ts";
import { SCHEMA_URL } from "#telemetry/sdk/schema-url.ts";
import { VERSION } from "#telemetry/sdk/version.ts";
import type { AnswerCheck, QuestionCheck, SlowCheck } from "#telemetry/traced/answer-checks.ts";
import { traceChunker } from "#telemetry/traced/chunker.ts";
import { type Consume, createConsume } from "#telemetry/traced/consumer-span.ts";
import { traceEmbedder } from "#telemetry/traced/embedder.ts";
import { AnswerEvaluations, type EvaluateAnswer } from "#telemetry/traced/evaluation.ts";
import { type Feedback, type FeedbackResult, traceFeedback } from "#telemetry/traced/feedback.ts";
import { type BilledCall, countUsage } from "#telemetry/traced/gen-ai.ts";
import { traceGenerator } from "#telemetry/traced/generator.ts";
import { traceAnswer, traceIngest } from "#telemetry/traced/pipeline.ts";
import type { QueryStage } from "#telemetry/traced/query-errors.ts";
import { traceReranker } from "#telemetry/traced/reranker.ts";
import { type RetryRecord, recordRetry } from "#telemetry/traced/retries.ts";
import { traceRewriter } from "#telemetry/traced/rewriter.ts";
import { traceSearch } from "#telemetry/traced/search.ts";
import { createServe, type Serve } from "#telemetry/traced/server-span.ts";
import { type Instrumentation, isInQuery } from "#telemetry/traced/span.ts";
import { traceStore } from "#telemetry/traced/store.ts";
import { createXrayAnnotations } from "#telemetry/xray/annotations.ts";
import { GEN_AI_SCHEMA_URL } from "./attributes.ts";
import { createMetrics, SELF_NAMES } from "./metrics.ts";
import type { Refusal, RefusalReport, TelemetrySettings } from "./settings.ts";

const NO_EVALUATION = { sample: 0, budgetMs: 0 };
const SCOPE = ["edge-rag", VERSION, { schemaUrl: GEN_AI_SCHEMA_URL }] as const;

/** Spans and data points that flushes collected, by state. */
export interface TelemetryState {
  exported: number;
  /** To be sent, sent again, or in a request. */
  retained: number;
  dropped: number;
  /** The worse of both signals; "none" when nothing is exported. */
  breaker: BreakerState | "none";
  flush: FlushTimes;
  /** The signals whose last request the collector refused, all of it or a part; absent when there is none. */
  refusals?: Refusal[];
}

/** Traces ports: each method returns the same port with its spans and metrics. */
export type PortTracers = { [Name in keyof TracedPorts]: Tracer<TracedPorts[Name]> };

type TracedPorts = AnswerPorts & IngestPorts & { rewriter: QueryRewriter };

type Tracer<Port> = (port: Port) => Port;

export interface Telemetry {
  trace: PortTracers;
  /**
   * Evaluates a share of the answers from now on, after their responses.
   *
   * @param load called by the flush after the first of them
   */
  evaluateAnswers(load: () => Promise<EvaluateAnswer>): void;
  /** Has a service judge a share of the answers from now on, after their responses. What does it is not loaded until then. */
  judgeAnswers(create: (meter: Meter) => SlowCheck): void;
  /** Has a share of the questions answered again from now on, after their responses. Likewise. */
  shadowAnswers(create: (meter: Meter, tracer: Instrumentation["tracer"]) => QuestionCheck): void;
  /** The same pipeline in a `rag.query` span. */
  traceAnswer(answer: AnswerQuestion): AnswerQuestion;
  /** The same search in a `rag.search` span. */
  traceSearch(search: SearchDocuments): SearchDocuments;
  /** The same pipeline in a `rag.ingest` span. */
  traceIngest(ingest: IngestDocuments): IngestDocuments;
  /** The same function in a `rag.feedback` span, which links to the answer's. */
  traceFeedback<Rating extends Feedback, Rest extends unknown[], Result extends FeedbackResult>(
    rate: (feedback: Rating, ...rest: Rest) => Promise<Result>,
  ): (feedback: Rating, ...rest: Rest) => Promise<Result>;
  /** Answers a request inside a server span. */
  serve: Serve;
  /** Processes a message of a queue inside a consumer span. */
  consume: Consume;
  /** The given `fetch`, with trace headers on requests to the hosts of `propagateTo` and to no other. */
  fetch: typeof fetch;
  /** Counts an error that the traced pipeline does not throw: an invalid question, a failed cache in a query. */
  recordQueryError(stage: QueryStage): void;
  /** Records a failed attempt of a service that is retried, on the active span. */
  recordRetry(retry: RetryRecord): void;
  /** Counts a billed call, as `OpenAIUsageMonitor` reports it. */
  recordUsage(usage: BilledCall): void;
  /** Starts flushing as the runtime requires. On Lambda, call it before the runtime's first event. */
  startLifecycle(runtime: Runtime): Promise<Lifecycle>;
  /**
   * Evaluates the answers whose responses were sent, and sends what was recorded, traces and metrics in parallel. Never throws; settles within `budgetMs`.
   *
   * @param final no flush follows: also sends while the breaker is open
   */
  flush(budgetMs: number, final?: boolean): Promise<FlushResult>;
  state(): TelemetryState;
  /** Flushes a last time, closes the exporters and unregisters the globals. Never throws; settles within `budgetMs`. */
  shutdown(budgetMs?: number): Promise<void>;
}

/**
 * Starts recording. The first set-up of a process also provides `getTracer` and `getMeter`, until its shutdown; a
 * second one works independently.
 *
 * @param fetch sends the requests of services
 * @param onRefused called when a collector refuses what is sent, at most once an hour for each reason
 * @throws TypeError when an endpoint is not a URL; Error when a certificate cannot be read
 */
export function setupTelemetry(
  settings: TelemetrySettings,
  fetch = globalThis.fetch,
  onRefused?: (refusal: RefusalReport) => void,
): Telemetry {
  const attributes = resourceAttributes(settings, randomUUID());
  const resource = defaultResource().merge(resourceFromAttributes(attributes, { schemaUrl: SCHEMA_URL }));
  const { tracerProvider, meterProvider, traces, metrics } = createTelemetryProviders(
    { ...settings, names: SELF_NAMES, ...(onRefused && { onRefused }) },
    resource,
  );
  const unregister = registerGlobals(tracerProvider, meterProvider);
  const { captureContent } = settings;
  const meter = meterProvider.getMeter(...SCOPE);
  const instruments = createMetrics(meter);
  const evaluations = new AnswerEvaluations(settings.groundedness ?? NO_EVALUATION, instruments, captureContent);
  const answerChecks: AnswerCheck[] = [evaluations];
  const questionChecks: QuestionCheck[] = [];
  const slowWork: SlowWork[] = [];
  const instrumentation: Instrumentation = {
    tracer: tracerProvider.getTracer(...SCOPE),
    metrics: instruments,
    captureContent,
    hasSpanLimits: settings.spanLimits !== undefined,
    answerChecks,
    questionChecks,
  };

  const propagator = createPropagator(settings.propagators);
  const xray = settings.xray ? createXrayAnnotations() : undefined;
  const signals = createFlush({ traces, metrics, ...(xray && { xray }) });

  function giveUpChecks(): void {
    evaluations.drop();
    for (const work of slowWork) work.drop();
  }

  /** Of a response that waits for its flush, evaluations would be a part. */
  function flushOnly(budgetMs: number, final = false): Promise<FlushResult> {
    giveUpChecks();
    return signals.flush(budgetMs, final);
  }

  async function flush(budgetMs: number, final = false): Promise<FlushResult> {
    const started = performance.now();
    const pending = final ? [] : slowWork.flatMap((work) => work.start() ?? []);
    if (!evaluations.isEmpty) await settlesWithin(evaluations.run(), budgetMs);
    if (final) giveUpChecks();
    const result = await signals.flush(Math.max(0, Math.floor(budgetMs - (performance.now() - started))), final);
    return pending.length > 0 ? { ...result, pending: Promise.all(pending) } : result;
  }

  async function settle(ms: number): Promise<void> {
    await Promise.all(slowWork.map((work) => work.settle(ms)));
  }

  return {
    trace: {
      rewriter: (rewriter) => traceRewriter(rewriter, instrumentation),
      chunker: (chunker) => traceChunker(chunker, instrumentation),
      embedder: (embedder) => traceEmbedder(embedder, instrumentation),
      store: (store) => traceStore(store, instrumentation),
      reranker: (reranker) => traceReranker(reranker, instrumentation),
      generator: (generator) => traceGenerator(generator, instrumentation),
    },
    evaluateAnswers: (load) => evaluations.evaluateWith(load),
    judgeAnswers(create) {
      const judge = create(meter);
      answerChecks.push(judge);
      slowWork.push(judge);
    },
    shadowAnswers(create) {
      const shadow = create(meter, instrumentation.tracer);
      questionChecks.push(shadow);
      slowWork.push(shadow);
    },
    traceAnswer: (answer) => traceAnswer(answer, instrumentation),
    traceSearch: (search) => traceSearch(search, instrumentation),
    traceIngest: (ingest) => traceIngest(ingest, instrumentation),
    traceFeedback: (rate) => traceFeedback(rate, instrumentation),
    serve: createServe(instrumentation, propagator, settings.edge ?? "internal", xray),
    consume: createConsume(instrumentation, propagator, xray),
    fetch: createPropagatingFetch(propagator, settings.propagateTo ?? [], fetch),
    recordQueryError(stage) {
      // A cache that fails an ingest is no error of a query.
      if (stage !== "cache" || isInQuery()) instrumentation.metrics.queryErrors.add(1, { stage });
    },
    recordRetry: (retry) => recordRetry(instrumentation, retry),
    recordUsage: (usage) => countUsage(instrumentation.metrics, usage),
    flush,
    startLifecycle: (runtime) => startLifecycle(runtime, flush, `${SELF_NAMES.product}-telemetry`, flushOnly, settle),
    state: () => ({ ...combined(traces.state, metrics.state), flush: signals.times() }),
    async shutdown(budgetMs = settings.timeoutMs) {
      unregister();
      const lastFlush = flush(budgetMs, true);
      const closed = lastFlush.then(() => Promise.allSettled([traces.shutdown(), metrics.shutdown()]));
      await settlesWithin(closed, budgetMs);
    },
  };
}

const WORST_FIRST = ["open", "half_open", "closed", "none"] as const;

function combined(a: Signal["state"], b: Signal["state"]): Omit<TelemetryState, "flush"> {
  const refusals = [a, b].flatMap(({ refusal }) => refusal ?? []);
  return {
    exported: a.exported + b.exported,
    retained: a.retained + b.retained,
    dropped: a.dropped + b.dropped,
    breaker: WORST_FIRST.find((state) => a.breaker === state || b.breaker === state) ?? "none",
    ...(refusals.length > 0 && { refusals }),
  };
}
