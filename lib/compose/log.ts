import type { Outcome } from "#http/app.ts";

type Fields = Record<string, unknown>;

/**
 * The log line of an invocation. Content never gets in: of an error it tells the class, the code and where it was
 * thrown, never the message, which may quote a document or a key.
 */
export function requestLine({ method, route, status, durationMs, stage, error, trace, invocation }: Outcome): Fields {
  return {
    level: status >= 500 ? "ERROR" : "INFO",
    message: `${method} ${route || "(no route)"} ${status}`,
    trace_id: trace.traceId,
    span_id: trace.traceparent.split("-")[2],
    route,
    status,
    duration_ms: Number(durationMs.toFixed(1)),
    cold_start: invocation.coldStart,
    function_request_id: invocation.requestId,
    ...(stage !== undefined && { stage }),
    ...(status >= 500 && { error: describeError(error) }),
  };
}

/** Writes one JSON line on standard output, where Lambda and serverless-offline collect it. */
export function log(fields: Fields): void {
  process.stdout.write(`${JSON.stringify({ timestamp: new Date().toISOString(), ...fields })}\n`);
}

/** An error and its causes without their messages. */
export function describeError(error: unknown): Fields {
  if (!(error instanceof Error)) return { name: typeof error };
  const { name, stack = "", cause } = error;
  const frames = stack.split("\n").filter((line) => /^\s+at /.test(line));
  return {
    name,
    ...("code" in error && typeof error.code !== "object" && { code: error.code }),
    stack: frames.map((line) => line.trim()),
    ...(cause !== undefined && { cause: describeError(cause) }),
  };
}
