import { type Attributes, SpanKind, SpanStatusCode, type TextMapPropagator } from "@opentelemetry/api";
import type { Answer } from "#rag/answer.ts";
import { ATTR } from "#telemetry/attributes.ts";
import type { Edge } from "#telemetry/settings.ts";
import type { XrayAnnotations } from "#telemetry/xray/annotations.ts";
import { parseXrayHeader } from "#telemetry/xray/trace-header.ts";
import { type AnswerSpan, spanOf } from "./answer-span.ts";
import { countStart, type FunctionInvocation, invocationAttributes, traceBelow, type WorkTrace } from "./invocation.ts";
import { callerOf, originOf } from "./origin.ts";
import { type Instrumentation, markFailed, withSpan } from "./span.ts";

/** The invocation that serves a request. */
export interface Invocation extends FunctionInvocation {
  /** The route's template, as `http.route`: "/query", "/embed/{document_id}"; "" when none matched. */
  route: string;
}

/** The trace a response belongs to. */
export interface TraceContext extends WorkTrace {
  /** Marks the span as failed after the response's status was sent. */
  fail(error: unknown): void;
  /** Adds what the request calls to the span, by the conventions of MCP. */
  rpc?(call: RpcCall): void;
  /** The span of an answer. */
  spanOf?(answer: Answer): AnswerSpan | undefined;
}

/** A call of a remote procedure. */
export interface RpcCall {
  method: string;
  id?: string;
  tool?: string;
  resource?: string;
  /** W3C `traceparent` of the caller. */
  traceparent?: string;
}

/** Serves a request inside a server span; what `respond` throws is recorded and rethrown. */
export type Serve = (
  request: Request,
  invocation: Invocation,
  respond: (trace: TraceContext) => Promise<Response>,
) => Promise<Response>;

const TRIGGER = "http";

/** Of the protocol: a date. */
const VERSION = /^\d{4}-\d\d-\d\d$/;

const KNOWN_METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"]);

/** @param xray absent when X-Ray's traces are neither linked nor annotated */
export function createServe(
  instrumentation: Instrumentation,
  propagator: TextMapPropagator,
  edge: Edge,
  xray?: XrayAnnotations,
): Serve {
  const { metrics } = instrumentation;

  return (request, invocation, respond) => {
    const { protocol, pathname } = new URL(request.url);
    const http = httpAttributes(request, protocol, invocation.route);
    const method = KNOWN_METHODS.has(request.method) ? request.method : "HTTP";
    countStart(metrics, invocation, TRIGGER);

    const xrayTrace = xray && parseXrayHeader(invocation.xrayTraceHeader ?? "");
    const { parent, links, attributes } = originOf(request.headers, xrayTrace, edge, propagator);
    const spec = {
      name: `${method} ${invocation.route}`.trimEnd(),
      kind: SpanKind.SERVER,
      attributes: {
        ...http,
        ...requestAttributes(request, pathname),
        ...invocationAttributes(invocation, TRIGGER),
        ...attributes,
      },
      parent,
      links,
      collects: true,
      onEnd: (seconds: number, failure: string | undefined) =>
        metrics.requestDuration.record(seconds, {
          ...http,
          ...(failure !== undefined && { [ATTR.errorType]: failure }),
        }),
    };
    return withSpan(instrumentation, spec, async (span) => {
      if (xrayTrace && span.isRecording()) xray.add(xrayTrace, span.spanContext().traceId);
      const fail = (error: unknown) => {
        Object.assign(http, { [ATTR.errorType]: markFailed(span, error, instrumentation.captureContent) });
      };
      const rpc = ({ traceparent, ...call }: RpcCall) => {
        span.setAttributes(rpcAttributes(call, request.headers));
        if (traceparent !== undefined) span.addLinks(callerOf(traceparent, request.headers, propagator));
      };
      const response = await respond({ ...traceBelow(span, instrumentation, TRIGGER), fail, rpc, spanOf });
      Object.assign(http, statusAttributes(response.status));
      span.setAttributes(statusAttributes(response.status));
      if (response.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      return response;
    });
  };
}

/** What span and metric share: of low cardinality. */
function httpAttributes(request: Request, protocol: string, route: string): Attributes {
  return {
    [ATTR.httpRequestMethod]: KNOWN_METHODS.has(request.method) ? request.method : "_OTHER",
    [ATTR.urlScheme]: protocol.slice(0, -1),
    ...(route !== "" && { [ATTR.httpRoute]: route }),
  };
}

function requestAttributes(request: Request, pathname: string): Attributes {
  return {
    [ATTR.openInferenceSpanKind]: "CHAIN",
    [ATTR.urlPath]: pathname,
    ...(!KNOWN_METHODS.has(request.method) && { [ATTR.httpRequestMethodOriginal]: request.method }),
  };
}

/** https://github.com/open-telemetry/semantic-conventions-genai/blob/v0.1.0/docs/gen-ai/mcp.md#server */
function rpcAttributes({ method, id, tool, resource }: RpcCall, headers: Headers): Attributes {
  const version = headers.get("mcp-protocol-version");
  return {
    [ATTR.mcpMethodName]: method,
    ...(id !== undefined && { [ATTR.jsonrpcRequestId]: id }),
    ...(tool !== undefined && { [ATTR.genAiOperationName]: "execute_tool", [ATTR.genAiToolName]: tool }),
    ...(resource !== undefined && { [ATTR.mcpResourceUri]: resource }),
    ...(version !== null && VERSION.test(version) && { [ATTR.mcpProtocolVersion]: version }),
  };
}

/** A 4xx is the caller's error, not the server's (HTTP conventions, "Status"). */
function statusAttributes(status: number): Attributes {
  return { [ATTR.httpResponseStatusCode]: status, ...(status >= 500 && { [ATTR.errorType]: String(status) }) };
}
