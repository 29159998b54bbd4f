import type { Attributes, Span } from "@opentelemetry/api";
import { ATTR } from "#telemetry/attributes.ts";
import type { Metrics } from "#telemetry/metrics.ts";
import { type Instrumentation, openSpans } from "./span.ts";

/** An invocation of a function; empty in a server, which nobody invokes and whose spans have no attributes of one. */
export interface FunctionInvocation {
  /** The platform's id of it. */
  requestId?: string;
  coldStart?: boolean;
  /** Milliseconds the initialization took; counted on cold starts. */
  initDurationMs?: number;
  /** `cloud.resource_id`: the function's ARN. */
  resourceId?: string;
  /** X-Ray's header of this invocation: `Root=…;Parent=…;Sampled=…`. */
  xrayTraceHeader?: string;
}

/** The trace that work belongs to; valid ids also when the trace is not sampled. */
export interface WorkTrace {
  /** 32 lower-case hex digits. */
  traceId: string;
  /** W3C `traceparent` of the span. */
  traceparent: string;
  /** Ends the spans still open below this one as timed out; later ones are not recorded. */
  expire(): void;
}

/** What calls a function, as `faas.trigger`: a request, or a message of a queue. */
export type Trigger = "http" | "pubsub";

export function countStart(
  metrics: Metrics,
  { coldStart, initDurationMs }: FunctionInvocation,
  trigger: Trigger,
): void {
  if (!coldStart) return;
  const attributes = { [ATTR.faasTrigger]: trigger };
  metrics.coldStarts.add(1, attributes);
  if (initDurationMs !== undefined) metrics.initDuration.record(initDurationMs / 1000, attributes);
}

export function invocationAttributes(
  { requestId, coldStart, resourceId }: FunctionInvocation,
  trigger: Trigger,
): Attributes {
  if (coldStart === undefined) return {};
  return {
    [ATTR.faasTrigger]: trigger,
    [ATTR.faasColdstart]: coldStart,
    ...(requestId !== undefined && { [ATTR.faasInvocationId]: requestId }),
    ...(resourceId !== undefined && { [ATTR.cloudResourceId]: resourceId }),
  };
}

/** The trace of an invocation's span, which is active. When its time is up, all that is open below it is ended. */
export function traceBelow(span: Span, { metrics }: Instrumentation, trigger: Trigger): WorkTrace {
  const { traceId, spanId, traceFlags } = span.spanContext();
  const traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
  const open = openSpans();
  const expire = () => {
    metrics.timeouts.add(1, { [ATTR.faasTrigger]: trigger });
    open?.expire("deadline");
  };
  return { traceId, traceparent, expire };
}
