/** A trace of Jaeger's query API as spans of OTLP. https://www.jaegertracing.io/docs/latest/apis/ */
import type { Attributes, AttributeValue, Span } from "#console/contract.ts";
import type { OtlpSpan } from "#console/receiver/payload.ts";

interface Tag {
  key: string;
  value: AttributeValue;
}

interface JaegerSpan {
  traceID: string;
  spanID: string;
  operationName: string;
  references?: { refType: string; traceID: string; spanID: string }[];
  /** Microseconds since 1970. */
  startTime: number;
  /** Microseconds. */
  duration: number;
  tags?: Tag[];
  logs?: { timestamp: number; fields: Tag[] }[];
  processID: string;
}

export interface JaegerTrace {
  traceID: string;
  spans: JaegerSpan[];
  processes: Record<string, { serviceName: string; tags?: Tag[] }>;
}

const KINDS: ReadonlySet<string> = new Set(["internal", "server", "client", "producer", "consumer"]);

/** What Jaeger writes as tags that OTLP has fields for. */
const FIELDS = new Set([
  "span.kind",
  "error",
  "otel.status_code",
  "otel.status_description",
  "otel.scope.name",
  "otel.scope.version",
  "w3c.tracestate",
]);

/** Each span once: Jaeger keeps a span that it received twice. */
export function spansOf({ spans, processes }: JaegerTrace): OtlpSpan[] {
  const resources = new Map(
    Object.entries(processes).map(([id, { serviceName, tags }]) => [
      id,
      { attributes: { ...attributesOf(tags), "service.name": serviceName } },
    ]),
  );
  const converted = spans.map((span) => toOtlp(span, resources.get(span.processID) ?? { attributes: {} }));
  return [...new Map(converted.map((span) => [span.spanId, span])).values()];
}

/** Jaeger leaves out leading zeros. */
export function toTraceId(id: string): string {
  return id.toLowerCase().padStart(32, "0");
}

function toOtlp(span: JaegerSpan, resource: OtlpSpan["resource"]): OtlpSpan {
  const tags = attributesOf(span.tags);
  const text = (key: string) => String(tags[key] ?? "");
  const traceId = toTraceId(span.traceID);
  const isParent = (reference: { refType: string; traceID: string }) =>
    reference.refType === "CHILD_OF" && toTraceId(reference.traceID) === traceId;
  const parent = span.references?.find(isParent);
  const start = toNanos(span.startTime);
  return {
    resource,
    scope: { name: text("otel.scope.name"), version: text("otel.scope.version"), attributes: {} },
    traceId,
    spanId: toSpanId(span.spanID),
    ...(parent && { parentSpanId: toSpanId(parent.spanID) }),
    name: span.operationName,
    kind: KINDS.has(text("span.kind")) ? (text("span.kind") as Span["kind"]) : "unspecified",
    startTimeUnixNano: start,
    endTimeUnixNano: start + toNanos(span.duration),
    attributes: Object.fromEntries(Object.entries(tags).filter(([key]) => !FIELDS.has(key))),
    events: (span.logs ?? []).map(({ timestamp, fields }) => {
      const { event = "", ...attributes } = attributesOf(fields);
      return { timeUnixNano: toNanos(timestamp), name: String(event), attributes };
    }),
    links: (span.references ?? [])
      .filter((reference) => reference !== parent)
      .map(({ traceID, spanID }) => ({ traceId: toTraceId(traceID), spanId: toSpanId(spanID), attributes: {} })),
    status: { code: statusOf(tags), message: text("otel.status_description") },
  };
}

function statusOf(tags: Attributes): Span["status"] {
  if (tags["otel.status_code"] === "ERROR" || tags.error === true) return "error";
  return tags["otel.status_code"] === "OK" ? "ok" : "unset";
}

function attributesOf(tags: readonly Tag[] = []): Attributes {
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}

function toSpanId(id: string): string {
  return id.toLowerCase().padStart(16, "0");
}

function toNanos(microseconds: number): bigint {
  return BigInt(Math.round(microseconds)) * 1000n;
}
