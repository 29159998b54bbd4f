import { TraceFlags } from "@opentelemetry/api";
import type { ReadableSpan, SpanProcessor } from "@opentelemetry/sdk-trace-base";

/** Spans of one request; several hundred documents' worth of an ingest. */
const BATCH_SIZE = 2_048;

/**
 * Keeps ended spans until a flush takes them. The SDK's batch processor would send them on a timer and lose what a
 * full queue or a failed export held.
 */
export class SpanBuffer implements SpanProcessor {
  #batches: ReadableSpan[][] = [];

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
    const batch = this.#batches.at(-1);
    if (batch && batch.length < BATCH_SIZE) batch.push(span);
    else this.#batches.push([span]);
  }

  get isEmpty(): boolean {
    return this.#batches.length === 0;
  }

  /** Every span that ended since the last call, in batches. */
  take(): ReadableSpan[][] {
    const batches = this.#batches;
    this.#batches = [];
    return batches;
  }

  /** Nothing to do: a flush takes the spans. */
  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {
    this.#batches = [];
  }
}
