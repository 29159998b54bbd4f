import type { MeterProvider as MeterProviderApi, TracerProvider } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import { MeterProvider, type ResourceMetrics } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import type { BreakerState } from "#rag/breaker.ts";
import { Courier, type CourierLog } from "./courier.ts";
import { DeltaReader } from "./delta-reader.ts";
import { metricChannel, spanChannel } from "./exporters.ts";
import { createSampler } from "./sampler.ts";
import { createSelfMetrics, SELF } from "./self-metrics.ts";
import type { TelemetrySettings } from "./settings.ts";
import { SpanBuffer } from "./span-buffer.ts";

/** Traces or metrics on their way out. Leaves nothing on a timer's initiative: a flush is what sends. */
export interface Signal<Provider> {
  readonly provider: Provider;
  /** Spans or data points, by what became of them; the breaker is "none" where the signal is not exported. */
  readonly state: Readonly<{ exported: number; retained: number; dropped: number; breaker: BreakerState | "none" }>;
  /** Sends what is there. Rejects when that failed; settles within `budgetMs`. */
  flush(budgetMs: number, last?: boolean): Promise<void>;
  shutdown(): Promise<void>;
}

const RETAINED_BYTES = 4 * 1_024 * 1_024;

export function createTraces(settings: TelemetrySettings, resource: Resource, log: CourierLog): Signal<TracerProvider> {
  const sampler = createSampler(settings.sampler, settings.samplerArg);
  const channel = spanChannel(settings);
  if (!channel) return unexported(new BasicTracerProvider({ resource, sampler }));

  const buffer = new SpanBuffer();
  const provider = new BasicTracerProvider({ resource, sampler, spanProcessors: [buffer] });
  const source = {
    accumulates: false,
    gather: async () => buffer.take().map((batch) => ({ batch, items: batch.length, own: false })),
  };
  return exported(provider, new Courier(source, channel, { limitBytes: limitOf(settings), log }));
}

export function createMeasures(settings: TelemetrySettings, resource: Resource): Signal<MeterProviderApi> {
  const channel = metricChannel(settings);
  if (!channel) return unexported(new MeterProvider({ resource }));

  const reader = new DeltaReader();
  const provider = new MeterProvider({ resource, readers: [reader] });
  const source = {
    accumulates: true,
    async gather() {
      const batch = await reader.take();
      return batch ? [{ batch, items: pointsIn(batch), own: isOwn(batch) }] : [];
    },
  };
  const log = createSelfMetrics(provider, "metrics");
  return exported(provider, new Courier(source, channel, { limitBytes: limitOf(settings), log }));
}

function limitOf({ retainedBytes = RETAINED_BYTES }: TelemetrySettings): number {
  return retainedBytes;
}

function exported<Provider extends { shutdown(): Promise<void> }>(
  provider: Provider,
  courier: Pick<Courier<unknown, unknown>, "state" | "flush" | "close">,
): Signal<Provider> {
  let closed = false;
  return {
    provider,
    get state() {
      return courier.state;
    },
    flush: async (budgetMs, last) => (closed ? undefined : courier.flush(budgetMs, last)),
    async shutdown() {
      closed = true;
      courier.close();
      await provider.shutdown();
    },
  };
}

function unexported<Provider extends { shutdown(): Promise<void> }>(provider: Provider): Signal<Provider> {
  return {
    provider,
    state: { exported: 0, retained: 0, dropped: 0, breaker: "none" },
    flush: async () => {},
    shutdown: () => provider.shutdown(),
  };
}

function pointsIn({ scopeMetrics }: ResourceMetrics): number {
  return scopeMetrics.flatMap(({ metrics }) => metrics).reduce((sum, { dataPoints }) => sum + dataPoints.length, 0);
}

function isOwn({ scopeMetrics }: ResourceMetrics): boolean {
  return scopeMetrics.every(({ scope }) => scope.name === SELF);
}
