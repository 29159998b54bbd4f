import { randomBytes } from "node:crypto";

export interface SentSpan {
  name: string;
  /** Default: a new one. */
  traceId?: string;
  parentSpanId?: string;
  spanId?: string;
  /** Milliseconds since 1970. */
  startMs: number;
  durationMs: number;
  attributes?: Readonly<Record<string, string | number | boolean>>;
  /** Message of a failed span. */
  error?: string;
}

/**
 * Sends spans by OTLP/HTTP, as JSON.
 *
 * @returns their trace ids
 */
export async function sendSpans(otlpUrl: string, spans: readonly SentSpan[], service = "test"): Promise<string[]> {
  const sent = spans.map(toOtlp);
  const resourceSpans = [
    { resource: { attributes: keyValues({ "service.name": service }) }, scopeSpans: [{ spans: sent }] },
  ];
  const response = await fetch(`${otlpUrl}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ resourceSpans }),
  });
  if (!response.ok) throw new Error(`OTLP: ${response.status}: ${await response.text()}`);
  return sent.map(({ traceId }) => traceId);
}

const SERVER = 2;

function toOtlp({ name, startMs, durationMs, attributes = {}, error, ...ids }: SentSpan) {
  const nanoseconds = (ms: number) => String(BigInt(Math.round(ms * 1_000)) * 1_000n);
  return {
    ...{ traceId: randomBytes(16).toString("hex"), spanId: randomBytes(8).toString("hex"), ...ids, name, kind: SERVER },
    ...{ startTimeUnixNano: nanoseconds(startMs), endTimeUnixNano: nanoseconds(startMs + durationMs) },
    attributes: keyValues(attributes),
    status: error === undefined ? {} : { code: 2, message: error },
  };
}

function keyValues(values: Readonly<Record<string, string | number | boolean>>) {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value:
      typeof value === "string"
        ? { stringValue: value }
        : typeof value === "number"
          ? { doubleValue: value }
          : { boolValue: value },
  }));
}
