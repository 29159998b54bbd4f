import { context, metrics, SpanKind, trace } from "@opentelemetry/api";
// The project's own bundle with telemetry off; each variant is bundled next to it.
import { handler as query } from "./query.mjs";

/** Wraps the query function in a server span and a duration metric, with an inline flush after each invocation. */
export function flushed(flush) {
  const tracer = trace.getTracer("bench");
  const duration = metrics.getMeter("bench").createHistogram("query.duration", { unit: "s" });
  return async (event, invocation) => {
    const started = performance.now();
    const span = tracer.startSpan("POST /query", { kind: SpanKind.SERVER });
    try {
      return await context.with(trace.setSpan(context.active(), span), () => query(event, invocation));
    } finally {
      span.end();
      duration.record((performance.now() - started) / 1_000);
      await flush().catch(() => {});
    }
  };
}
