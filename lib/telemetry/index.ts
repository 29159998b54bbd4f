export type { FlushResult } from "./flush.ts";
export { getMeter, getTracer } from "./globals.ts";
export type { Lifecycle, Runtime } from "./lifecycle.ts";
export type { Invocation, Serve, TraceContext } from "./server-span.ts";
export type { Edge, ExporterName, Platform, PropagatorName, SamplerName, TelemetrySettings } from "./settings.ts";
export { type Ports, setupTelemetry, type Telemetry, type TelemetryState } from "./setup.ts";
export type { QueryStage } from "./traced-pipeline.ts";
