/** Types and helpers that routes and middleware share. */
import type { Context, Hono } from "hono";
import { matchedRoutes } from "hono/route";
import type { Problem } from "#http/schemas/responses.ts";
import type { Answer } from "#rag/answer.ts";
import type { Call } from "#rag/ports.ts";
import { type RequestError, toProblem } from "./problem.ts";

/** The trace a response belongs to. */
export interface TraceContext {
  /** 32 lower-case hex digits. */
  traceId: string;
  /** W3C `traceparent` of the server span. */
  traceparent: string;
  /** Ends the spans that are still open below the server span, as timed out. */
  expire(): void;
  /** Records that the response failed after its status was sent. */
  fail(error: unknown): void;
  /** Records which remote procedure the request calls; absent without telemetry. */
  rpc?(call: RpcCall): void;
  /** The span of an answer, 16 hex digits, and whether it is exported; absent without telemetry. */
  spanOf?(answer: Answer): { spanId: string; sampled: boolean } | undefined;
}

/** A call of a remote procedure, as the body of a request names it. */
export interface RpcCall {
  /** As `mcp.method.name`: "tools/call". */
  method: string;
  id?: string;
  /** The tool that is called. */
  tool?: string;
  /** URI of the resource that is read. */
  resource?: string;
  /** W3C `traceparent` of the caller, when the message itself has one. */
  traceparent?: string;
}

/** The function invocation that a request belongs to; in a server, which nobody invokes, only how to wait for work. */
export interface Invocation {
  requestId?: string;
  coldStart?: boolean;
  /** Milliseconds from process start until the function was ready; on cold starts only. */
  initDurationMs?: number;
  /** `cloud.resource_id`: the function's ARN. */
  resourceId?: string;
  /** The X-Ray trace header of this invocation. */
  xrayTraceHeader?: string;
  /** Milliseconds until the response is due; no limit when absent. */
  timeLeftMs?: number;
  /** Aborted when the reader disconnects, where the runtime does not cancel the body of the response. */
  disconnected?: AbortSignal;
  /** Called with work that outlasts the response: the rest of its body, the end of its trace. The work never rejects. */
  waitUntil?(work: Promise<unknown>): void;
}

/** How a request ended. */
export interface Outcome {
  method: string;
  /** As `http.route`; "" when no route matched. */
  route: string;
  status: number;
  durationMs: number;
  /** The stage that failed. */
  stage?: string;
  /** The error behind an error response. */
  error?: unknown;
  trace: TraceContext;
  invocation: Invocation;
}

export interface AppEnv {
  Bindings: { invocation: Invocation };
  Variables: {
    trace: TraceContext;
    /** Its signal is aborted at the deadline. */
    call: Call & { signal: AbortSignal };
    /** The owner of the request's API key; absent when the app has no keys. */
    caller?: Caller;
    /** The 401 for a request without a valid key, when the app has keys. */
    refusal?: RequestError;
    /** Of a streamed response: settles when its last byte is queued. Never rejects. */
    stream: Promise<void>;
    /** Milliseconds by stage. */
    stages: Readonly<Record<string, number>>;
    /** Added to the response, also to an error response. */
    headers: Readonly<Record<string, string>>;
    failure: Pick<Outcome, "stage" | "error">;
  };
}

export type App = Hono<AppEnv>;

/** An accepted API key, by its hash. */
export interface ApiKey {
  tenant: string;
  /** Hex SHA-256 of the key. */
  sha256: string;
  /** Makes the key read-only, limited to these topics. When absent, it may read and write all documents of its tenant. */
  topicIds?: readonly number[];
}

/** The owner of a request's API key. */
export interface Caller {
  tenant: string;
  /** Identifies the key without revealing it. */
  keyId: string;
  topicIds?: readonly number[];
}

/** Maps an error to a problem, and records it for the log line and metrics of the request. */
export function recordFailure(c: Context<AppEnv>, error: unknown): Problem {
  const problem = toProblem(error, c.get("trace").traceId);
  c.set("failure", { error, ...(problem.stage !== undefined && { stage: problem.stage }) });
  return problem;
}

/** Adds the time of each stage to `Server-Timing`, which has a total of its own. */
export function addStages(c: Context<AppEnv>, { total, ...stages }: Readonly<Record<string, number>>): void {
  c.set("stages", { ...c.get("stages"), ...stages });
}

/** The route's template, as `http.route`: "/embed/{document_id}"; "" when no route matches. */
export function routeOf(c: Context<AppEnv>): string {
  const path = matchedRoutes(c).findLast(({ path }) => !path.includes("*"))?.path ?? "";
  return path.replace(/:(\w+)(?:\{[^}]*\})?/g, "{$1}");
}
