import type { MeterProvider as Meters } from "@opentelemetry/api";
import type { Resource } from "@opentelemetry/resources";
import { MeterProvider, type ScopeMetrics } from "@opentelemetry/sdk-metrics";
import { FlushReader } from "#telemetry/record/flush-reader.ts";
import type { Temporality } from "#telemetry/settings.ts";

/**
 * Metrics about telemetry itself, which add up until they are due: nobody needs at once how long an export took, and with
 * every query they would be a quarter of the metrics that it sends.
 */
export class SelfTelemetry {
  readonly provider: Meters;
  readonly #reader: FlushReader;
  readonly #intervalMs: number;
  /** Milliseconds since 1970: a freeze counts. */
  #dueAt = 0;

  /** @param intervalMs between two collections; 0 makes each flush collect */
  constructor(resource: Resource, temporality: Temporality | undefined, intervalMs: number) {
    this.#reader = new FlushReader(temporality);
    this.provider = new MeterProvider({ resource, readers: [this.#reader] });
    this.#intervalMs = intervalMs;
  }

  /** Makes the next flush collect. */
  hurry(): void {
    this.#dueAt = 0;
  }

  /** What is due. @param final everything is */
  async take(final: boolean): Promise<ScopeMetrics[]> {
    if (!final && Date.now() < this.#dueAt) return [];
    const collected = await this.#reader.take();
    if (!collected) return [];
    this.#dueAt = Date.now() + this.#intervalMs;
    return collected.scopeMetrics;
  }
}
