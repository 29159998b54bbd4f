import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { createServer as createTlsServer, type ServerOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { SpanKind, TraceFlags } from "@opentelemetry/api";
import { onTestFinished } from "vitest";
import { readConfig } from "#config/env.ts";
import { getMeter, getTracer, type RefusalReport, setupTelemetry, type Telemetry } from "#telemetry/index.ts";

export interface OtlpRequest {
  path: string;
  headers: IncomingHttpHeaders;
  /** The body, unzipped. */
  body: Buffer;
}

export interface OtlpReceiver {
  url: string;
  requests: OtlpRequest[];
  /** Answers from now on; by default 200. */
  answer: (request: OtlpRequest, response: ServerResponse) => void;
}

/** A receiver of OTLP/HTTP that keeps bodies as bytes, over TLS if there are options for it. */
export async function startReceiver(tls?: ServerOptions): Promise<OtlpReceiver> {
  const receiver: OtlpReceiver = { url: "", requests: [], answer: (_request, response) => response.end() };
  const server = tls ? createTlsServer(tls) : createServer();
  server.on("request", (message, response) => {
    void buffer(message).then((bytes) => {
      const body = message.headers["content-encoding"] === "gzip" ? gunzipSync(bytes) : bytes;
      const request = { path: message.url ?? "", headers: message.headers, body };
      receiver.requests.push(request);
      receiver.answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  receiver.url = tls ? `https://localhost:${port}` : `http://127.0.0.1:${port}`;
  return receiver;
}

export interface Exporting {
  telemetry: Telemetry;
  refusals: RefusalReport[];
}

/** Telemetry with the settings of the environment, shut down after the test. */
export function exportingTo(receiver: OtlpReceiver, env: Record<string, string> = {}): Exporting {
  const refusals: RefusalReport[] = [];
  const { telemetry: settings } = readConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env });
  const telemetry = setupTelemetry(settings, fetch, (refusal) => refusals.push(refusal));
  onTestFinished(() => telemetry.shutdown(200));
  return { telemetry, refusals };
}

/** Records a span with attributes, events and links, and an increment. */
export function record(): void {
  const context = { traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: TraceFlags.SAMPLED };
  const span = getTracer("mine").startSpan("mine", { kind: SpanKind.CLIENT });
  span.setAttributes({ first: "123456789", second: 2, third: 3 });
  span.addEvent("one", { a: 1, b: 2, c: 3 }).addEvent("two").addEvent("three");
  span
    .addLink({ context, attributes: { a: 1, b: 2, c: 3 } })
    .addLink({ context })
    .addLink({ context });
  span.end();
  getMeter("mine").createCounter("mine").add(3);
}

/** Records, and sends it. @returns what arrived */
export async function exported(env: Record<string, string> = {}): Promise<OtlpRequest[]> {
  const receiver = await startReceiver();
  const { telemetry } = exportingTo(receiver, env);
  record();
  await telemetry.flush(5_000);
  const requests = [...receiver.requests];
  await telemetry.shutdown(500);
  return requests;
}

export function requestTo(requests: readonly OtlpRequest[], path: string): OtlpRequest {
  const request = requests.find((candidate) => candidate.path === path);
  if (!request) throw new Error(`no request to ${path} among ${requests.map((each) => each.path).join(", ")}`);
  return request;
}

// biome-ignore lint/suspicious/noExplicitAny: OTLP/JSON, as it came
export type Json = any;

/** The span of {@link record}, as OTLP/JSON. */
export function spanIn(requests: readonly OtlpRequest[]): Json {
  const { resourceSpans } = JSON.parse(requestTo(requests, "/v1/traces").body.toString());
  return resourceSpans[0].scopeSpans[0].spans[0];
}

/** The counter of {@link record}, as OTLP/JSON. */
export function counterIn({ body }: OtlpRequest): Json {
  const { scopeMetrics } = JSON.parse(body.toString()).resourceMetrics[0];
  const metrics = scopeMetrics.flatMap((scope: Json) => scope.metrics);
  return metrics.find(({ name }: Json) => name === "mine")?.sum;
}
