import { defaultResource, resourceFromAttributes } from "@opentelemetry/resources";
import type { AnswerPorts, AnswerQuestion } from "#rag/answer.ts";
import type { IngestDocuments, IngestPorts } from "#rag/ingest.ts";
import { type FlushResult, flushAll } from "./flush.ts";
import { registerGlobals } from "./globals.ts";
import { createMetrics } from "./metrics.ts";
import { createPropagator } from "./propagator.ts";
import { createServe, type Serve } from "./server-span.ts";
import type { TelemetrySettings } from "./settings.ts";
import { createMeasures, createTraces } from "./signals.ts";
import type { Instrumentation } from "./span.ts";
import { traceChunker } from "./traced-chunker.ts";
import { traceEmbedder } from "./traced-embedder.ts";
import { traceGenerator } from "./traced-generator.ts";
import { type QueryStage, traceAnswer, traceIngest } from "./traced-pipeline.ts";
import { traceReranker } from "./traced-reranker.ts";
import { traceStore } from "./traced-store.ts";
import { within } from "./within.ts";

export interface TelemetryState {
  exported: number;
  dropped: number;
}

/** The ports that have a traced twin. */
export type Ports = AnswerPorts & IngestPorts;

export interface Telemetry {
  /** The same ports, each traced. */
  instrument<Name extends keyof Ports>(ports: Pick<Ports, Name>): Pick<Ports, Name>;
  /** The same pipeline in a `rag.query` span. */
  traceAnswer(answer: AnswerQuestion): AnswerQuestion;
  /** The same pipeline in a `rag.ingest` span. */
  traceIngest(ingest: IngestDocuments): IngestDocuments;
  /** Answers a request inside a server span. */
  serve: Serve;
  /** Counts an error that did not come out of the traced pipeline: a refused question, a cache that was down. */
  recordQueryError(stage: QueryStage): void;
  /** Sends what was recorded, traces and metrics side by side. Never throws; settles within `budgetMs`. */
  flush(budgetMs: number): Promise<FlushResult>;
  /** What became of the batches this process sent, traces and metrics together. */
  state(): TelemetryState;
  /** Flushes a last time and lets go of the exporters and globals. Never throws; settles within `budgetMs`. */
  shutdown(budgetMs?: number): Promise<void>;
}

/**
 * Starts recording. The first set-up of a process also answers `getTracer` and `getMeter`, until its shutdown; a
 * second one works beside it on its own.
 *
 * @throws TypeError when an endpoint is no URL
 */
export function setupTelemetry(settings: TelemetrySettings): Telemetry {
  const resource = createResource(settings);
  const traces = createTraces(settings, resource);
  const metrics = createMeasures(settings, resource);
  const unregister = registerGlobals(traces.provider, metrics.provider);
  const instrumentation: Instrumentation = {
    tracer: traces.provider.getTracer("edge-rag"),
    metrics: createMetrics(metrics.provider.getMeter("edge-rag")),
    captureContent: settings.captureContent,
  };

  return {
    instrument: (ports) => instrument(ports, instrumentation),
    traceAnswer: (answer) => traceAnswer(answer, instrumentation),
    traceIngest: (ingest) => traceIngest(ingest, instrumentation),
    serve: createServe(instrumentation, createPropagator(settings.propagators)),
    recordQueryError: (stage) => instrumentation.metrics.queryErrors.add(1, { stage }),
    flush: (budgetMs) => flushAll({ traces, metrics }, budgetMs),
    state: () => ({
      exported: traces.counts.exported + metrics.counts.exported,
      dropped: traces.counts.dropped + metrics.counts.dropped,
    }),
    async shutdown(budgetMs = settings.timeoutMs) {
      unregister();
      const lastFlush = flushAll({ traces, metrics }, budgetMs);
      const closed = lastFlush.then(() => Promise.allSettled([traces.shutdown(), metrics.shutdown()]));
      await within(budgetMs, closed).catch(() => {});
    },
  };
}

function instrument<Name extends keyof Ports>(ports: Pick<Ports, Name>, on: Instrumentation): Pick<Ports, Name> {
  const { chunker, embedder, store, reranker, generator }: Partial<Ports> = ports;
  const traced: Partial<Ports> = {
    ...(chunker && { chunker: traceChunker(chunker, on) }),
    ...(embedder && { embedder: traceEmbedder(embedder, on) }),
    ...(store && { store: traceStore(store, on) }),
    ...(reranker && { reranker: traceReranker(reranker, on) }),
    ...(generator && { generator: traceGenerator(generator, on) }),
  };
  // The compiler cannot follow that exactly the given ports were carried over.
  return traced as Pick<Ports, Name>;
}

/** Who sends: the SDK's `telemetry.sdk.*`, the service, and this process as `service.instance.id`. */
function createResource({ serviceName, resourceAttributes }: TelemetrySettings) {
  return defaultResource().merge(
    resourceFromAttributes({
      "service.instance.id": crypto.randomUUID(),
      ...resourceAttributes,
      "service.name": serviceName,
    }),
  );
}
