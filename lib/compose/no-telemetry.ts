import type { Edge, Telemetry } from "#telemetry/index.ts";
import { randomHex, traceIdOf } from "./trace-id.ts";

/**
 * Disabled telemetry: no span or metric is recorded or sent, and no OpenTelemetry module is loaded. Usage is still
 * counted, and a response still has a trace id, to correlate logs: the caller's, or a random one if there is none or the
 * edge is public.
 */
export function noTelemetry(edge: Edge = "internal", fetch = globalThis.fetch): Telemetry {
  return {
    trace: {
      chunker: identity,
      rewriter: identity,
      embedder: identity,
      store: identity,
      reranker: identity,
      generator: identity,
    },
    evaluateAnswers() {},
    judgeAnswers() {},
    shadowAnswers() {},
    traceAnswer: (answer) => answer,
    traceSearch: (search) => search,
    traceIngest: (ingest) => ingest,
    traceFeedback: (rate) => rate,
    serve(request, _invocation, respond) {
      const traceId = traceIdOf(edge === "public" ? null : request.headers.get("traceparent"));
      return respond({ traceId, traceparent: `00-${traceId}-${randomHex(8)}-00`, expire() {}, fail() {} });
    },
    consume(_message, _invocation, process) {
      const traceId = randomHex(16);
      return process({ traceId, traceparent: `00-${traceId}-${randomHex(8)}-00`, expire() {} });
    },
    fetch,
    recordQueryError() {},
    recordRetry() {},
    recordUsage() {},
    startLifecycle: async () => ({ async responded() {} }),
    flush: async () => ({ ok: true, errors: [] }),
    state: () => ({
      exported: 0,
      retained: 0,
      dropped: 0,
      breaker: "none",
      flush: { count: 0, last_ms: 0, max_ms: 0 },
    }),
    shutdown: async () => {},
  };
}

function identity<T>(value: T): T {
  return value;
}
