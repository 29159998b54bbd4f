import type { Outcome } from "#http/context.ts";
import { AbandonedError } from "#rag/errors.ts";

export type Fields = Record<string, unknown>;

/**
 * The log line of an invocation. Content never gets in: of an error it tells the class, the code and where it was
 * thrown, never the message, which may quote a document or a key.
 */
export function requestLine({ method, route, status, durationMs, stage, error, trace, invocation }: Outcome): Fields {
  // A streamed answer has its status before it can fail.
  const failed = status >= 500 || (status < 400 && error !== undefined && !(error instanceof AbandonedError));
  return {
    level: failed ? "ERROR" : "INFO",
    message: `${method} ${route || "(no route)"} ${status}`,
    trace_id: trace.traceId,
    span_id: trace.traceparent.split("-")[2],
    route,
    status,
    duration_ms: Number(durationMs.toFixed(1)),
    cold_start: invocation.coldStart,
    function_request_id: invocation.requestId,
    ...(stage !== undefined && { stage }),
    ...(failed && { error: describeError(error) }),
  };
}

/** Writes one JSON line on standard output, where Lambda and serverless-offline collect it. */
export function log(fields: Fields): void {
  process.stdout.write(`${JSON.stringify({ timestamp: new Date().toISOString(), ...fields })}\n`);
}

/** What a name looks like; a sentence may quote anything. */
const NAME = /^[\w$.-]{1,64}$/;
/** What a code looks like, and most keys do not. */
const CODE = /^\w{1,64}$/;
/** A chain of causes may be a circle. */
const MAX_CAUSES = 8;

/** An error and its causes without their messages. */
export function describeError(error: unknown, depth = 0): Fields {
  if (!(error instanceof Error)) return { name: typeof error };
  const { name, message, stack = "", cause } = error;
  // The frames come after the message, which may have lines that look like frames.
  const frames = stack.slice(stack.indexOf(message) + message.length).split("\n");
  return {
    name: NAME.test(name) ? name : "Error",
    ...("code" in error && CODE.test(String(error.code)) && { code: error.code }),
    stack: frames.filter((line) => /^\s+at /.test(line)).map((line) => line.trim()),
    ...(cause !== undefined && depth < MAX_CAUSES && { cause: describeError(cause, depth + 1) }),
  };
}
