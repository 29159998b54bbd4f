import type { Outcome } from "#http/context.ts";
import { RequestError } from "#http/problem.ts";
import { ServiceError } from "#providers/service/service-error.ts";
import { AbandonedError } from "#rag/errors.ts";

export type Fields = Record<string, unknown>;

/**
 * The log line of a request. It never has content: an error is logged with its class, code and stack frames, never its
 * message, which may quote a document or a key.
 */
export function requestLine({ method, route, status, durationMs, stage, error, trace, invocation }: Outcome): Fields {
  // A streamed answer can fail after its status was sent, and a tool of MCP with any status; an invalid call is no failure.
  const isOurs = error !== undefined && !(error instanceof AbandonedError || error instanceof RequestError);
  const failed = status >= 500 || (status < 400 && isOurs);
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

let write = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Writes one JSON line on standard output, where Lambda and serverless-offline collect it. */
export function log(fields: Fields): void {
  write(JSON.stringify({ timestamp: new Date().toISOString(), ...fields }));
}

/** For a runtime that collects lines elsewhere. */
export function logTo(writeLine: (line: string) => void): void {
  write = writeLine;
}

/** Matches class names, but not sentences, which may quote anything. */
const NAME = /^[\w$.-]{1,64}$/;
/** Matches error codes, but not most API keys. */
const CODE = /^\w{1,64}$/;
/** A chain of causes may be circular. */
const MAX_CAUSES = 8;

/** Describes an error and its causes, without their messages; `detail` is what a service said, without what it was sent. */
export function describeError(error: unknown, depth = 0): Fields {
  if (!(error instanceof Error)) return { name: typeof error };
  const { name, message, stack = "", cause } = error;
  // Skip the message: it may have lines that look like frames.
  const frames = stack.slice(stack.indexOf(message) + message.length).split("\n");
  return {
    name: NAME.test(name) ? name : "Error",
    ...("code" in error && CODE.test(String(error.code)) && { code: error.code }),
    ...(error instanceof ServiceError && error.detail !== undefined && { detail: error.detail }),
    stack: frames.filter((line) => /^\s+at /.test(line)).map((line) => line.trim()),
    ...(cause !== undefined && depth < MAX_CAUSES && { cause: describeError(cause, depth + 1) }),
  };
}
