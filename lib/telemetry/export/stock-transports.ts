import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { OTLPExporterBase } from "@opentelemetry/otlp-exporter-base";
import { convertLegacyHttpOptions, createOtlpHttpExportDelegate } from "@opentelemetry/otlp-exporter-base/node-http";
import {
  type IExporterMetricsHelper,
  MetricsExporterMetricsHelper,
  TraceExporterMetricsHelper,
} from "@opentelemetry/otlp-transformer";
import type { ResourceMetrics } from "@opentelemetry/sdk-metrics";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { errorType } from "#telemetry/sdk/error-type.ts";
import { hasIntegersToCorrect } from "./double-attributes.ts";
import { type Encoding, JSON_SPANS } from "./encoding.ts";
import type { OtlpEndpoint } from "./otlp-http.ts";
import { readExportResponse } from "./otlp-response.ts";
import { pointsIn } from "./points.ts";
import { sdkExporterTransport } from "./sdk-exporter-transport.ts";
import type { ExportResponse, Transport } from "./transport.ts";

/** Estimates of what a span and a data point take in memory, in bytes: about twice their size as JSON. */
const SPAN_BYTES = 2_048;
const POINT_BYTES = 1_024;

/**
 * OpenTelemetry's own span exporter. Batches that it gave up are retained and sent again by a later flush.
 *
 * @param encoding by default JSON
 */
export function stockSpanTransport(
  endpoint: OtlpEndpoint,
  encoding?: Encoding<ReadableSpan[]>,
): Transport<ReadableSpan[], ReadableSpan[]> {
  const bytesOf = (spans: ReadableSpan[]) => spans.length * SPAN_BYTES;
  const exporter = encoding ? exporterWith(encoding, endpoint, TraceExporterMetricsHelper) : jsonSpanExporter(endpoint);
  return sdkExporterTransport(exporter, { ...limitsOf(endpoint), bytesOf });
}

/** OpenTelemetry's own metric exporter, likewise. */
export function stockMetricTransport(
  endpoint: OtlpEndpoint,
  encoding?: Encoding<ResourceMetrics>,
): Transport<ResourceMetrics, ResourceMetrics> {
  const bytesOf = (metrics: ResourceMetrics) => pointsIn(metrics) * POINT_BYTES;
  const exporter = encoding
    ? exporterWith(encoding, endpoint, MetricsExporterMetricsHelper)
    : new OTLPMetricExporter(optionsOf(endpoint));
  return sdkExporterTransport(exporter, { ...limitsOf(endpoint), bytesOf });
}

/** OpenTelemetry's serializer cannot be replaced in its exporter; batches with integers to correct take another. */
function jsonSpanExporter(endpoint: OtlpEndpoint): Pick<OTLPExporterBase<ReadableSpan[]>, "export" | "shutdown"> {
  const stock = new OTLPTraceExporter(optionsOf(endpoint));
  const correcting = exporterWith(JSON_SPANS, endpoint, TraceExporterMetricsHelper);
  return {
    export: (spans, done) => (spans.some(hasIntegersToCorrect) ? correcting : stock).export(spans, done),
    async shutdown() {
      await Promise.all([stock.shutdown(), correcting.shutdown()]);
    },
  };
}

/** OpenTelemetry's exporter with this encoding. Only metrics about the exporter need the helper. */
function exporterWith<Batch>(
  { type, serialize, deserialize }: Encoding<Batch>,
  endpoint: OtlpEndpoint,
  helper: IExporterMetricsHelper<Batch>,
): OTLPExporterBase<Batch> {
  const options = convertLegacyHttpOptions(optionsOf(endpoint), "", "", { "Content-Type": type });
  const serializer = {
    serializeRequest: serialize,
    deserializeResponse: (response: Uint8Array) => deserialize(response),
  };
  return new OTLPExporterBase(
    createOtlpHttpExportDelegate(options, serializer, "otlp_http_exporter", helper, undefined),
  );
}

type Options = NonNullable<ConstructorParameters<typeof OTLPTraceExporter>[0]>;

function optionsOf({ url, headers, compression, timeoutMs, tls }: OtlpEndpoint): Options {
  return {
    url: url.href,
    headers: { ...headers },
    compression: compression as NonNullable<Options["compression"]>,
    timeoutMillis: timeoutMs,
    httpAgentOptions: { keepAlive: true, ...tls },
  };
}

/** The exporter has a time limit of its own; this one is a safeguard. */
function limitsOf({ timeoutMs }: OtlpEndpoint) {
  return { timeoutMs: timeoutMs + 1_000, readError };
}

/** A numeric code is an HTTP status that the exporter does not retry; after all other errors its retries are used up. */
function readError(error: unknown): ExportResponse {
  if (error instanceof Error && "code" in error && typeof error.code === "number") {
    const body = "data" in error && typeof error.data === "string" ? error.data : "";
    return readExportResponse({ status: error.code, body, header: () => undefined });
  }
  return { status: "retryable", reason: errorType(error) };
}
