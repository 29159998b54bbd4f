import type { Telemetry } from "#telemetry/index.ts";
import { randomHex, traceIdOf } from "./trace-id.ts";

/**
 * Telemetry that is switched off: nothing is wrapped, measured or sent, and no OpenTelemetry module is loaded. A response
 * still has a trace id, the caller's or a random one, so that logs can be matched.
 */
export function noTelemetry(): Telemetry {
  return {
    instrument: (ports) => ports,
    traceAnswer: (answer) => answer,
    traceIngest: (ingest) => ingest,
    serve(request, _invocation, respond) {
      const traceId = traceIdOf(request.headers.get("traceparent"));
      return respond({ traceId, traceparent: `00-${traceId}-${randomHex(8)}-00` });
    },
    recordQueryError() {},
    flush: async () => ({ ok: true, errors: [] }),
    state: () => ({ exported: 0, dropped: 0 }),
    shutdown: async () => {},
  };
}
