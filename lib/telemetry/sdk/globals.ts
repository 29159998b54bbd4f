import {
  context,
  type Meter,
  type MeterProvider,
  metrics,
  type Tracer,
  type TracerProvider,
  trace,
} from "@opentelemetry/api";
import { AsyncContextManager } from "./context-manager.ts";

/**
 * Registers what {@link getTracer} and {@link getMeter} answer from, and the context manager that spans find their
 * parents with. What is already registered stays, be it by an earlier set-up or by a Lambda layer.
 *
 * @returns takes the providers back, if they were the ones registered
 */
export function registerGlobals(tracerProvider: TracerProvider, meterProvider: MeterProvider): () => void {
  context.setGlobalContextManager(new AsyncContextManager());
  const tracing = trace.setGlobalTracerProvider(tracerProvider);
  const metering = metrics.setGlobalMeterProvider(meterProvider);
  return () => {
    if (tracing) trace.disable();
    if (metering) metrics.disable();
  };
}

/** A tracer for spans of your own; one taken before `setupTelemetry` records once that has run. */
export function getTracer(name: string): Tracer {
  return trace.getTracer(name);
}

/** A meter for instruments of your own; one taken before `setupTelemetry` never records. */
export function getMeter(name: string): Meter {
  return metrics.getMeter(name);
}
