/** What routes and middleware share: the types of a request's context, and what they tell of it. */
import type { Context, Hono } from "hono";
import { matchedRoutes } from "hono/route";
import type { Call } from "#rag/ports.ts";
import { type RequestError, toProblem } from "./problem.ts";
import type { Problem } from "./schemas.ts";

/** The trace a response belongs to. */
export interface TraceContext {
  /** 32 lower-case hex digits. */
  traceId: string;
  /** W3C `traceparent` of the server span. */
  traceparent: string;
  /** Ends what is still open below the server span, as timed out. */
  expire(): void;
  /** Says that the response failed after its status was sent. */
  fail(error: unknown): void;
}

/** What is known of a request besides the request. */
export interface Invocation {
  requestId: string;
  coldStart: boolean;
  /** Milliseconds from process start until the function could answer; on cold starts only. */
  initDurationMs?: number;
  /** `cloud.resource_id`: the function's ARN. */
  resourceId?: string;
  /** X-Ray's header of this invocation. */
  xrayTraceHeader?: string;
  /** Milliseconds until the request must be answered; no limit when absent. */
  timeLeftMs?: number;
  /** Takes what goes on once the response is returned: the rest of its body, the end of its trace. It never rejects. */
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
  /** What became an error response. */
  error?: unknown;
  trace: TraceContext;
  invocation: Invocation;
}

export interface AppEnv {
  Bindings: { invocation: Invocation };
  Variables: {
    trace: TraceContext;
    /** The signal is aborted when the time is up. */
    call: Call & { signal: AbortSignal };
    /** Whose key the request came with; absent where none is needed. */
    caller?: Caller;
    /** Why the request came without one, where one is needed. */
    refusal?: RequestError;
    /** Of a response that is sent bit by bit: settles when the last is. Never rejects. */
    stream: Promise<void>;
    /** Milliseconds by stage. */
    stages: Readonly<Record<string, number>>;
    /** Go with the response, whatever becomes of the request. */
    headers: Readonly<Record<string, string>>;
    failure: Pick<Outcome, "stage" | "error">;
  };
}

export type App = Hono<AppEnv>;

/** A key that is let in, by its hash. */
export interface ApiKey {
  tenant: string;
  /** Hex SHA-256 of the key. */
  sha256: string;
  /** The topics it may read, and then write nothing; absent: it may do everything with its tenant's documents. */
  topicIds?: readonly number[];
}

/** Whose key a request came with. */
export interface Caller {
  tenant: string;
  /** Names the key without giving it away, the same for every request with it. */
  keyId: string;
  topicIds?: readonly number[];
}

/** The problem that an error becomes; logs and metrics are told of it. */
export function recordFailure(c: Context<AppEnv>, error: unknown): Problem {
  const problem = toProblem(error, c.get("trace").traceId);
  c.set("failure", { error, ...(problem.stage !== undefined && { stage: problem.stage }) });
  return problem;
}

/** The route's template, as `http.route`: "/embed/{document_id}"; "" when none matches. */
export function routeOf(c: Context<AppEnv>): string {
  const path = matchedRoutes(c).findLast(({ path }) => !path.includes("*"))?.path ?? "";
  return path.replace(/:(\w+)(?:\{[^}]*\})?/g, "{$1}");
}
