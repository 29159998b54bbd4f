import {
  AggregationTemporality,
  DataPointType,
  InstrumentType,
  type MetricData,
  MetricReader,
  type ResourceMetrics,
} from "@opentelemetry/sdk-metrics";
import type { Temporality } from "#telemetry/settings.ts";

/** What an asynchronous callback of an observable instrument may take, in milliseconds. */
const CALLBACK_TIMEOUT_MS = 500;

/** Reads metrics only when a flush does. */
export class FlushReader extends MetricReader {
  constructor(preference: Temporality = "delta") {
    super({ aggregationTemporalitySelector: (instrument) => temporalityOf(instrument, preference) });
  }

  /** Deltas since the last call, or sums since the start; `undefined` when nothing was recorded. */
  async take(): Promise<ResourceMetrics | undefined> {
    const { resourceMetrics } = await this.collect({ timeoutMillis: CALLBACK_TIMEOUT_MS });
    for (const { metrics } of resourceMetrics.scopeMetrics) metrics.forEach(omitExtremesOfOne);
    return resourceMetrics.scopeMetrics.length > 0 ? resourceMetrics : undefined;
  }

  protected async onForceFlush(): Promise<void> {}
  protected async onShutdown(): Promise<void> {}
}

/** Minimum and maximum of a single value are its sum, and optional in OTLP: after one query, nearly all points have one. */
function omitExtremesOfOne(metric: MetricData): void {
  if (metric.dataPointType !== DataPointType.HISTOGRAM) return;
  for (const { value } of metric.dataPoints)
    if (value.count === 1) Object.assign(value, { min: undefined, max: undefined });
}

/** OTLP metrics exporter specification, "Additional Environment Variable Configuration". */
function temporalityOf(instrument: InstrumentType, preference: Temporality): AggregationTemporality {
  switch (instrument) {
    case InstrumentType.COUNTER:
    case InstrumentType.HISTOGRAM:
      return preference === "cumulative" ? AggregationTemporality.CUMULATIVE : AggregationTemporality.DELTA;
    // Needs the last value to compute a delta.
    case InstrumentType.OBSERVABLE_COUNTER:
      return preference === "delta" ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE;
    case InstrumentType.UP_DOWN_COUNTER:
    case InstrumentType.OBSERVABLE_UP_DOWN_COUNTER:
      return AggregationTemporality.CUMULATIVE;
    // Gauges have no temporality; with deltas, only those that were recorded are sent.
    default:
      return preference === "cumulative" ? AggregationTemporality.CUMULATIVE : AggregationTemporality.DELTA;
  }
}
