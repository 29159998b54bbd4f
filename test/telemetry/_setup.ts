import type { InstrumentationScope } from "@opentelemetry/core";
import {
  AggregationTemporality,
  DataPointType,
  type HistogramMetricData,
  InMemoryMetricExporter,
  type MetricData,
} from "@opentelemetry/sdk-metrics";
import { InMemorySpanExporter, type ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { onTestFinished } from "vitest";
import { createAnswer } from "#rag/answer.ts";
import { createIngest } from "#rag/ingest.ts";
import type {
  Chunk,
  Chunker,
  Embedder,
  Embeddings,
  GenerateCall,
  Generator,
  Hit,
  Reranker,
  VectorStore,
} from "#rag/ports.ts";
import { createSearch } from "#rag/search.ts";
import { type Invocation, setupTelemetry, type Telemetry, type TelemetrySettings } from "#telemetry/index.ts";
import { createMetering } from "#usage/metered-ports.ts";
import { OpenAIUsageMonitor } from "#usage/usage-monitor.ts";
import { meterPorts, type Ports, tracePorts } from "../support/wrapped-ports.ts";

export const SETTINGS: TelemetrySettings = {
  serviceName: "edge-rag-test",
  resourceAttributes: { "deployment.environment.name": "test" },
  traces: "none",
  metrics: "none",
  endpoint: "http://127.0.0.1:4318",
  headers: {},
  timeoutMs: 5_000,
  compression: "none",
  sampler: "parentbased_always_on",
  samplerArg: 1,
  propagators: ["tracecontext", "baggage"],
  captureContent: false,
};

/** Telemetry that is shut down after the test. */
export function telemetryWith(settings: Partial<TelemetrySettings>): Telemetry {
  const telemetry = setupTelemetry({ ...SETTINGS, ...settings });
  onTestFinished(() => telemetry.shutdown(100));
  return telemetry;
}

export interface Recorded {
  telemetry: Telemetry;
  /** Flushes and returns every span so far. */
  spans(): Promise<ReadableSpan[]>;
  /** Flushes and returns every metric with points so far. */
  metrics(): Promise<MetricData[]>;
  /** Flushes and returns the scopes of every metric so far. */
  scopes(): Promise<InstrumentationScope[]>;
}

/** Telemetry that exports into memory. The metric exporter prefers cumulative, to see that delta is insisted on. */
export function recordingTelemetry(settings: Partial<TelemetrySettings> = {}): Recorded {
  const span = new InMemorySpanExporter();
  const metric = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const telemetry = telemetryWith({ ...settings, exporters: { span, metric } });
  return {
    telemetry,
    async spans() {
      await telemetry.flush(1_000);
      return span.getFinishedSpans();
    },
    async metrics() {
      await telemetry.flush(1_000);
      return metric.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics));
    },
    async scopes() {
      await telemetry.flush(1_000);
      return metric.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.map(({ scope }) => scope));
    },
  };
}

/** The one span of that name. */
export function spanNamed(spans: readonly ReadableSpan[], name: string): ReadableSpan {
  const found = spans.filter((span) => span.name === name);
  if (!found[0] || found.length > 1) {
    throw new Error(`${found.length} spans "${name}" among ${spans.map((span) => span.name).join(", ")}`);
  }
  return found[0];
}

/** The points of a metric, as `{attributes, value}`; of a histogram the value is its sum. */
export function pointsOf(metrics: readonly MetricData[], name: string): { attributes: object; value: number }[] {
  return metrics
    .filter((metric) => metric.descriptor.name === name)
    .flatMap((metric) =>
      metric.dataPointType === DataPointType.HISTOGRAM
        ? metric.dataPoints.map(({ attributes, value }) => ({ attributes, value: value.sum ?? 0 }))
        : metric.dataPoints.map(({ attributes, value }) => ({ attributes, value: Number(value) })),
    );
}

export function histogramNamed(metrics: readonly MetricData[], name: string): HistogramMetricData {
  const metric = metrics.find(({ descriptor }) => descriptor.name === name);
  if (metric?.dataPointType !== DataPointType.HISTOGRAM) throw new Error(`no histogram ${name}`);
  return metric;
}

/** Settings of the fakes: what they say, and which of them fail. */
export interface FakeOptions {
  cacheHits?: number;
  scores?: readonly number[];
  answered?: boolean;
  tokens?: number;
  fail?: Partial<Record<"chunk" | "embed" | "search" | "rerank" | "generate" | "replace", unknown>>;
  /** Milliseconds each asynchronous call takes. */
  delayMs?: () => number;
}

/** Prefixes of everything a person wrote or a model said: none may leave the process unless asked for. */
export const CANARY = "canary";

/** Ports with state that a spread or a Proxy would lose: classes with private fields. */
export function fakePorts(options: FakeOptions = {}): Ports {
  return {
    chunker: new FakeChunker(options),
    embedder: new FakeEmbedder(options),
    store: new FakeStore(options),
    reranker: new FakeReranker(options),
    generator: new FakeGenerator(options),
  };
}

class Fake {
  readonly #options: FakeOptions;
  constructor(options: FakeOptions) {
    this.#options = options;
  }

  protected get options(): FakeOptions {
    return this.#options;
  }

  protected failing(call: keyof NonNullable<FakeOptions["fail"]>): void {
    const error = this.#options.fail?.[call];
    if (error !== undefined) throw error;
  }

  protected async working(call: keyof NonNullable<FakeOptions["fail"]>): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.#options.delayMs?.() ?? 0));
    this.failing(call);
  }
}

class FakeChunker extends Fake implements Chunker {
  readonly settings = "whole";
  chunk(text: string): Chunk[] {
    this.failing("chunk");
    return [{ text, heading: `${CANARY}-heading` }];
  }
}

class FakeEmbedder extends Fake implements Embedder {
  readonly provider = "openai";
  readonly model = "text-embedding-3-small";
  readonly address = "api.openai.example";
  readonly port = 443;
  readonly dimensions = 2;
  async embed(texts: readonly string[]): Promise<Embeddings> {
    await this.working("embed");
    const vectors = texts.map(() => new Float32Array([1, 0]));
    return { vectors, cacheHits: this.options.cacheHits ?? 0, tokens: this.options.tokens ?? 7 };
  }
}

class FakeStore extends Fake implements VectorStore {
  readonly system = "qdrant";
  readonly collection = "edge-rag";
  readonly address = "qdrant.example";
  readonly port = 6333;
  readonly #versions = new Map<string, { version: string; chunks: number }>();
  async versions() {
    return new Map(this.#versions);
  }
  async replace(document: { id: string; version: string }, chunks: readonly unknown[]) {
    await this.working("replace");
    this.#versions.set(document.id, { version: document.version, chunks: chunks.length });
  }
  async list() {
    return { documents: [] };
  }
  async get() {
    return undefined;
  }
  async remove(id: string) {
    const known = this.#versions.get(id);
    this.#versions.delete(id);
    return known?.chunks;
  }
  async search(): Promise<Hit[]> {
    await this.working("search");
    return (this.options.scores ?? [0.9, 0.4]).map((score, position) => ({
      chunkId: `chunk-${position}`,
      documentId: `document-${position}`,
      title: `${CANARY}-title`,
      heading: "",
      text: `${CANARY}-source`,
      score,
    }));
  }
  async ping() {
    if (this.#versions.size > 99) throw new Error("full");
  }
}

class FakeReranker extends Fake implements Reranker {
  readonly provider = "edge-rag";
  readonly model = "fused-scores";
  async rerank(_question: string, hits: readonly Hit[], limit: number): Promise<Hit[]> {
    await this.working("rerank");
    return hits.slice(0, limit).map((hit) => ({ ...hit, score: hit.score / 2 }));
  }
}

class FakeGenerator extends Fake implements Generator {
  readonly provider = "openai";
  readonly model = "gpt-4o-mini";
  readonly address = "api.openai.example";
  readonly port = 443;
  async generate(_prompt: unknown, { onDelta }: GenerateCall = {}) {
    if (onDelta) {
      await this.working("generate");
      onDelta(`${CANARY}-answer`);
    }
    await this.working("generate");
    onDelta?.(" [1]");
    const { answered = true, tokens } = this.options;
    return {
      text: `${CANARY}-answer [1]`,
      answered,
      promptTokens: tokens ?? 120,
      completionTokens: tokens ?? 30,
      ...(tokens !== 0 && { costUsd: 0.0005 }),
      finishReason: "stop",
      model: "gpt-4o-mini-2024-07-18",
    };
  }
}

/** The real pipelines over fake ports, metered and traced. */
export function tracedPipelines(telemetry: Telemetry, options: FakeOptions = {}) {
  const monitor = new OpenAIUsageMonitor({ onRecord: telemetry.recordUsage });
  const metering = createMetering(monitor, (error) => {
    throw error;
  });
  const ports = tracePorts(telemetry, meterPorts(metering, fakePorts(options)));
  return {
    answer: telemetry.traceAnswer(createAnswer(ports)),
    search: telemetry.traceSearch(createSearch(ports)),
    ingest: telemetry.traceIngest(createIngest(ports)),
    ports,
  };
}

export const INVOCATION: Invocation = {
  route: "/query",
  requestId: "request-1",
  coldStart: true,
  initDurationMs: 250,
  resourceId: "arn:aws:lambda:eu-central-1:123456789012:function:query",
};

export function post(path: string, headers: Record<string, string> = {}): Request {
  return new Request(`https://api.example${path}`, { method: "POST", headers });
}
