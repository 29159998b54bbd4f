import type { TextMapPropagator } from "@opentelemetry/api";
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";
import type { PropagatorName } from "#telemetry/settings.ts";

/** Reads and writes the named trace headers; with no name, none. */
export function createPropagator(names: readonly PropagatorName[]): TextMapPropagator {
  const propagators = { tracecontext: W3CTraceContextPropagator, baggage: W3CBaggagePropagator };
  return new CompositePropagator({ propagators: names.map((name) => new propagators[name]()) });
}
