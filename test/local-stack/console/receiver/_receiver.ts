import { onTestFinished } from "vitest";
import type { OtlpMetric, OtlpSpan } from "#console/receiver/payload.ts";
import { type ReceiverHandlers, startReceiver } from "#console/receiver/receiver.ts";
import { freePort } from "../../../../local-stack/stack/ports.ts";

export interface Recording {
  url: string;
  port: number;
  spans: OtlpSpan[];
  metrics: OtlpMetric[];
}

/** A receiver that records, until the test has finished. */
export async function startRecording(handlers: Partial<ReceiverHandlers> = {}): Promise<Recording> {
  const [spans, metrics]: [OtlpSpan[], OtlpMetric[]] = [[], []];
  const port = await freePort();
  const receiver = await startReceiver(port, {
    onTraces: (payload) => void spans.push(...payload.spans),
    onMetrics: (payload) => void metrics.push(...payload.metrics),
    ...handlers,
  });
  if (!receiver) throw new Error(`port ${port} is in use`);
  onTestFinished(() => receiver.close());
  return { url: receiver.url, port, spans, metrics };
}

const TRACE_ID = "5b8efff798038103d269b633813fc60c";

/** OTLP/JSON with one span that has these fields, too. */
export function tracesOf(...spans: object[]): object {
  const complete = spans.map((span) => ({
    ...{ traceId: TRACE_ID, spanId: "eee19b7ec3c1b174", name: "GET /", kind: 2 },
    ...{ startTimeUnixNano: "1544712660000000000", endTimeUnixNano: "1544712661000000000" },
    ...span,
  }));
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] };
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "library" }, spans: complete }] }] };
}

/** OTLP/JSON with one metric. */
export function metricsOf(metric: object): object {
  return { resourceMetrics: [{ scopeMetrics: [{ metrics: [metric] }] }] };
}

export function post(url: string, body: string | Uint8Array | object, headers: Record<string, string> = {}) {
  const isRaw = typeof body === "string" || body instanceof Uint8Array;
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: (isRaw ? body : JSON.stringify(body)) as string,
  });
}
