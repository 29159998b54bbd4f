/** Where the console reads telemetry from: its own receiver, or Jaeger and Prometheus. */
import type { MetricsView, Trace, TraceFilter, TraceList } from "#console/contract.ts";

export interface TraceSource {
  /** @throws Error that says what could not be reached */
  list(filter: TraceFilter): Promise<TraceList>;
  /** @returns `undefined` when no span of the trace was received */
  get(traceId: string): Promise<Trace | undefined>;
}

export interface MetricsSource {
  /** @param minutes how far back the graphs go */
  view(minutes: number): Promise<MetricsView>;
}

/** Nothing is received: telemetry is off, or exported to where the console cannot read it. */
export class NoTelemetryError extends Error {
  override name = "NoTelemetryError";
}

/** @param reason what to tell people, who expected traces */
export function noTraces(reason: string): TraceSource {
  const refuse = () => Promise.reject(new NoTelemetryError(reason));
  return { list: refuse, get: refuse };
}
