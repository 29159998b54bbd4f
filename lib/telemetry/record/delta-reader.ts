import { AggregationTemporality, InstrumentType, MetricReader, type ResourceMetrics } from "@opentelemetry/sdk-metrics";

/** What an asynchronous callback of an observable instrument may take, in milliseconds. */
const CALLBACK_TIMEOUT_MS = 500;

/** Reads metrics only when a flush does. */
export class DeltaReader extends MetricReader {
  constructor() {
    super({ aggregationTemporalitySelector: temporalityOf });
  }

  /** The deltas since the last call; `undefined` when nothing was recorded. */
  async take(): Promise<ResourceMetrics | undefined> {
    const { resourceMetrics } = await this.collect({ timeoutMillis: CALLBACK_TIMEOUT_MS });
    return resourceMetrics.scopeMetrics.length > 0 ? resourceMetrics : undefined;
  }

  protected async onForceFlush(): Promise<void> {}
  protected async onShutdown(): Promise<void> {}
}

/** Delta, except for what has no delta by the specification (temporality preference "delta"). */
function temporalityOf(instrument: InstrumentType): AggregationTemporality {
  return instrument === InstrumentType.UP_DOWN_COUNTER || instrument === InstrumentType.OBSERVABLE_UP_DOWN_COUNTER
    ? AggregationTemporality.CUMULATIVE
    : AggregationTemporality.DELTA;
}
