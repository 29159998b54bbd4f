import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import {
  AggregationTemporality,
  InstrumentType,
  type PushMetricExporter,
  type ResourceMetrics,
} from "@opentelemetry/sdk-metrics";
import { within } from "./within.ts";

interface Exporter<Batch> {
  export(batch: Batch, done: (result: ExportResult) => void): void;
  shutdown(): Promise<void>;
}

/**
 * Wraps an exporter so that a flush learns what the SDK keeps to itself: exports that a full queue started, failures,
 * exporters that never call back. This is where a failed batch is last seen whole.
 *
 * The exporter is loaded for the first export, which is after the first response: a cold start does not wait for it.
 */
export class WatchedExporter<Batch> {
  readonly #load: () => Promise<Exporter<Batch>>;
  readonly #limitMs: number;
  readonly #underWay = new Set<Promise<void>>();
  #exporter: Promise<Exporter<Batch>> | undefined;
  #failures: Error[] = [];
  /** Batches that arrived, and batches that were lost. */
  readonly counts = { exported: 0, dropped: 0 };

  /** @param limitMs after which an export that was not answered has failed */
  constructor(load: () => Promise<Exporter<Batch>>, limitMs: number) {
    this.#load = load;
    this.#limitMs = limitMs;
  }

  export(batch: Batch, done: (result: ExportResult) => void): void {
    const sent = this.#send(batch).then((result) => {
      if (result.code === ExportResultCode.FAILED) {
        this.#failures.push(result.error ?? new Error("export failed"));
        this.counts.dropped += 1;
      } else this.counts.exported += 1;
      this.#underWay.delete(sent);
      done(result);
    });
    this.#underWay.add(sent);
  }

  /**
   * Waits until no export is under way.
   *
   * @throws Error the first failure since the last call.
   */
  async settle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    const [failure] = this.#failures;
    this.#failures = [];
    if (failure) throw failure;
  }

  /** Nothing to do: what is under way is known to {@link settle}. */
  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {
    await (await this.#exporter)?.shutdown();
  }

  async #send(batch: Batch): Promise<ExportResult> {
    try {
      this.#exporter ??= this.#load();
      const exporter = await this.#exporter;
      return await within(this.#limitMs, new Promise((resolve) => exporter.export(batch, resolve)));
    } catch (error) {
      return { code: ExportResultCode.FAILED, error: error instanceof Error ? error : new Error(String(error)) };
    }
  }
}

/** Asks for delta temporality, whatever the exporter prefers. */
export class WatchedMetricExporter extends WatchedExporter<ResourceMetrics> implements PushMetricExporter {
  /** Delta, except for what has no delta by the specification (temporality preference "delta"). */
  selectAggregationTemporality(instrument: InstrumentType): AggregationTemporality {
    return instrument === InstrumentType.UP_DOWN_COUNTER || instrument === InstrumentType.OBSERVABLE_UP_DOWN_COUNTER
      ? AggregationTemporality.CUMULATIVE
      : AggregationTemporality.DELTA;
  }
}
