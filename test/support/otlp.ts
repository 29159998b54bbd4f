/** The subset of OTLP/JSON that tests read, as functions send it. */
export interface AnyValue {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: number | string;
  doubleValue?: number;
}

interface KeyValue {
  key: string;
  value: AnyValue;
}

export interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes?: KeyValue[];
  events?: { name: string; attributes?: KeyValue[] }[];
  links?: { traceId: string; spanId: string }[];
  /** code 2 is an error. */
  status?: { code?: number };
}

interface Resource {
  attributes?: KeyValue[];
}

export interface TracesPayload {
  resourceSpans?: { resource?: Resource; scopeSpans?: { spans?: OtlpSpan[] }[] }[];
}

export interface DataPoint {
  attributes?: KeyValue[];
  asInt?: number | string;
  asDouble?: number;
  count?: number | string;
  sum?: number;
}

export interface OtlpMetric {
  name: string;
  sum?: { dataPoints?: DataPoint[] };
  histogram?: { dataPoints?: DataPoint[] };
}

export interface MetricsPayload {
  resourceMetrics?: { resource?: Resource; scopeMetrics?: { scope?: { name?: string }; metrics?: OtlpMetric[] }[] }[];
}

export function spansOf(payload: TracesPayload): OtlpSpan[] {
  const scopes = payload.resourceSpans?.flatMap(({ scopeSpans }) => scopeSpans ?? []) ?? [];
  return scopes.flatMap(({ spans }) => spans ?? []);
}

export function metricsOf(payload: MetricsPayload): OtlpMetric[] {
  const scopes = payload.resourceMetrics?.flatMap(({ scopeMetrics }) => scopeMetrics ?? []) ?? [];
  return scopes.flatMap(({ metrics }) => metrics ?? []);
}

/** The plain value of an attribute; `undefined` when it is absent. */
export function attribute(owner: { attributes?: KeyValue[] }, key: string): string | number | boolean | undefined {
  const value = owner.attributes?.find((candidate) => candidate.key === key)?.value;
  if (value?.intValue !== undefined) return Number(value.intValue);
  return value?.stringValue ?? value?.doubleValue ?? value?.boolValue;
}
