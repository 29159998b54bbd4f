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
 * Registers the providers of {@link getTracer} and {@link getMeter}, and the context manager that gives spans their
 * parents. Globals registered earlier, by another set-up or a Lambda layer, are kept.
 *
 * @returns unregisters the providers, if they were registered
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

/** A tracer for your own spans; one created before `setupTelemetry` records after it. */
export function getTracer(name: string): Tracer {
  return trace.getTracer(name);
}

/** A meter for your own instruments; one created before `setupTelemetry` never records. */
export function getMeter(name: string): Meter {
  return metrics.getMeter(name);
}
