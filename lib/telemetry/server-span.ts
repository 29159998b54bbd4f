import { type Attributes, type Span, SpanKind, SpanStatusCode, type TextMapPropagator } from "@opentelemetry/api";
import { ATTR } from "./attributes.ts";
import { originOf } from "./origin.ts";
import type { Edge } from "./settings.ts";
import { collectingOpenSpans, type Instrumentation, markFailed, OpenSpans, withSpan } from "./span.ts";
import type { XrayNotes } from "./xray.ts";
import { parseXrayHeader } from "./xray-header.ts";

/** What is known of a request besides the request. */
export interface Invocation {
  /** The route's template, as `http.route`: "/query", "/embed/{document_id}"; "" when none matched. */
  route: string;
  /** The platform's id of this invocation. */
  requestId?: string;
  coldStart: boolean;
  /** Milliseconds the initialization took; counted on cold starts. */
  initDurationMs?: number;
  /** `cloud.resource_id`: the function's ARN. */
  resourceId?: string;
  /** X-Ray's header of this invocation: `Root=…;Parent=…;Sampled=…`. */
  xrayTraceHeader?: string;
}

/** The trace a response belongs to; valid ids also when the trace is not sampled. */
export interface TraceContext {
  /** 32 lower-case hex digits. */
  traceId: string;
  /** W3C `traceparent` of the server span. */
  traceparent: string;
  /** Ends what is still open below the server span, as timed out: from then on nothing more is told of it. */
  expire(): void;
  /** Says that the response failed after its status was sent. */
  fail(error: unknown): void;
}

/** Answers a request inside a server span; what `respond` throws is recorded and thrown on. */
export type Serve = (
  request: Request,
  invocation: Invocation,
  respond: (trace: TraceContext) => Promise<Response>,
) => Promise<Response>;

/** The functions are called over HTTP only. */
const TRIGGER = { [ATTR.faasTrigger]: "http" };

const KNOWN_METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"]);

/** @param xray absent: X-Ray's traces are neither read nor told ours */
export function createServe(
  instrumentation: Instrumentation,
  propagator: TextMapPropagator,
  edge: Edge,
  xray?: XrayNotes,
): Serve {
  const { metrics } = instrumentation;

  return (request, invocation, respond) => {
    const http = httpAttributes(request, invocation.route);
    const method = KNOWN_METHODS.has(request.method) ? request.method : "HTTP";
    if (invocation.coldStart) {
      metrics.coldStarts.add(1, TRIGGER);
      if (invocation.initDurationMs !== undefined) {
        metrics.initDuration.record(invocation.initDurationMs / 1000, TRIGGER);
      }
    }

    const xrayTrace = xray && parseXrayHeader(invocation.xrayTraceHeader ?? "");
    const { parent, links, attributes } = originOf(request.headers, xrayTrace, edge, propagator);
    const spec = {
      name: `${method} ${invocation.route}`.trimEnd(),
      kind: SpanKind.SERVER,
      attributes: { ...http, ...requestAttributes(request), ...invocationAttributes(invocation), ...attributes },
      parent,
      links,
      onEnd: (seconds: number, failure: string | undefined) =>
        metrics.requestDuration.record(seconds, {
          ...http,
          ...(failure !== undefined && { [ATTR.errorType]: failure }),
        }),
    };
    return withSpan(instrumentation, spec, async (span) => {
      if (xrayTrace && span.isRecording()) xray.add(xrayTrace, span.spanContext().traceId);
      const open = new OpenSpans();
      const expire = () => {
        metrics.timeouts.add(1, TRIGGER);
        open.expire("deadline");
      };
      const fail = (error: unknown) => {
        Object.assign(http, { [ATTR.errorType]: markFailed(span, error, instrumentation.captureContent) });
      };
      const response = await collectingOpenSpans(open, () => respond({ ...traceContextOf(span), expire, fail }));
      Object.assign(http, statusAttributes(response.status));
      span.setAttributes(statusAttributes(response.status));
      if (response.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      return response;
    });
  };
}

/** What span and metric share: of low cardinality. */
function httpAttributes(request: Request, route: string): Attributes {
  return {
    [ATTR.httpRequestMethod]: KNOWN_METHODS.has(request.method) ? request.method : "_OTHER",
    [ATTR.urlScheme]: new URL(request.url).protocol.slice(0, -1),
    ...(route !== "" && { [ATTR.httpRoute]: route }),
  };
}

function requestAttributes(request: Request): Attributes {
  return {
    [ATTR.openInferenceSpanKind]: "CHAIN",
    [ATTR.urlPath]: new URL(request.url).pathname,
    ...(!KNOWN_METHODS.has(request.method) && { [ATTR.httpRequestMethodOriginal]: request.method }),
  };
}

function invocationAttributes({ requestId, coldStart, resourceId }: Invocation): Attributes {
  return {
    ...TRIGGER,
    [ATTR.faasColdstart]: coldStart,
    ...(requestId !== undefined && { [ATTR.faasInvocationId]: requestId }),
    ...(resourceId !== undefined && { [ATTR.cloudResourceId]: resourceId }),
  };
}

/** A 4xx is the caller's error, not the server's (HTTP conventions, "Status"). */
function statusAttributes(status: number): Attributes {
  return { [ATTR.httpResponseStatusCode]: status, ...(status >= 500 && { [ATTR.errorType]: String(status) }) };
}

function traceContextOf(span: Span): Pick<TraceContext, "traceId" | "traceparent"> {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return { traceId, traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}` };
}
