import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import type { ResourceMetrics } from "@opentelemetry/sdk-metrics";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { errorType } from "#telemetry/sdk/error-type.ts";
import type { OtlpEndpoint } from "./otlp-http.ts";
import { readExportResponse } from "./otlp-response.ts";
import { pointsIn } from "./points.ts";
import { sdkExporterTransport } from "./sdk-exporter-transport.ts";
import type { ExportResponse, Transport } from "./transport.ts";

/** Estimates of what a span and a data point take in memory, in bytes: about twice their size as JSON. */
const SPAN_BYTES = 2_048;
const POINT_BYTES = 1_024;

/** OpenTelemetry's own span exporter. Batches that it gave up are retained and sent again by a later flush. */
export function stockSpanTransport(endpoint: OtlpEndpoint): Transport<ReadableSpan[], ReadableSpan[]> {
  const bytesOf = (spans: ReadableSpan[]) => spans.length * SPAN_BYTES;
  return sdkExporterTransport(new OTLPTraceExporter(optionsOf(endpoint)), { ...limitsOf(endpoint), bytesOf });
}

/** OpenTelemetry's own metric exporter. Batches that it gave up are retained and sent again by a later flush. */
export function stockMetricTransport(endpoint: OtlpEndpoint): Transport<ResourceMetrics, ResourceMetrics> {
  const bytesOf = (metrics: ResourceMetrics) => pointsIn(metrics) * POINT_BYTES;
  return sdkExporterTransport(new OTLPMetricExporter(optionsOf(endpoint)), { ...limitsOf(endpoint), bytesOf });
}

type Options = NonNullable<ConstructorParameters<typeof OTLPTraceExporter>[0]>;

function optionsOf({ url, headers, compression, timeoutMs }: OtlpEndpoint): Options {
  return {
    url: url.href,
    headers: { ...headers },
    compression: compression as NonNullable<Options["compression"]>,
    timeoutMillis: timeoutMs,
  };
}

/** The exporter has a time limit of its own; this one is a safeguard. */
function limitsOf({ timeoutMs }: OtlpEndpoint) {
  return { timeoutMs: timeoutMs + 1_000, readError };
}

/** A numeric code is an HTTP status that the exporter does not retry; after all other errors its retries are used up. */
function readError(error: unknown): ExportResponse {
  if (error instanceof Error && "code" in error && typeof error.code === "number") {
    return readExportResponse({ status: error.code, body: "", header: () => undefined });
  }
  return { status: "retryable", reason: errorType(error) };
}
