/** The SDK with OTLP over HTTP, set up as its documentation shows, and flushed inline for Lambda. */
import { metrics, trace } from "@opentelemetry/api";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { flushed } from "./flushed.mjs";

const resource = resourceFromAttributes({ "service.name": "bench" });
const traces = new BasicTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())] });
const readers = [new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter() })];
const measures = new MeterProvider({ resource, readers });
trace.setGlobalTracerProvider(traces);
metrics.setGlobalMeterProvider(measures);

export const handler = flushed(() => Promise.all([traces.forceFlush(), measures.forceFlush()]));
