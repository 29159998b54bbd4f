import type { Context } from "hono";
import { matchedRoutes } from "hono/route";
import { Hono } from "hono/tiny";
import { AbandonedError, RagError } from "#rag/errors.ts";
import type { Call } from "#rag/ports.ts";
import { type ApiKey, type Caller, requireKeys } from "./auth.ts";
import { allowOrigins } from "./cors.ts";
import { problemResponse, RequestError, toProblem } from "./problem.ts";
import type { Problem } from "./schemas.ts";
import { secure } from "./secure-headers.ts";
import { settlesWithin } from "./settles-within.ts";

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

/** Who may use the app. */
export interface Access {
  /** Without any, anyone may do everything. */
  keys: readonly ApiKey[];
  /** Web origins that browsers let call; `*` is any. */
  corsOrigins: readonly string[];
}

export interface ServerOptions {
  access?: Access;
  /** Runs a request inside a trace. */
  serve(
    request: Request,
    invocation: Invocation & { route: string },
    respond: (trace: TraceContext) => Promise<Response>,
  ): Promise<Response>;
  /** Told of every request once it is answered, before its span ends. */
  onDone(outcome: Outcome): void;
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

/**
 * A Hono app with what all routes share: the trace, the deadline, who may call, headers, errors as problem+json. Routes
 * are added by `queryRoute`, `embedRoutes` and `healthRoutes`, before them what guards them, as `limitRate`.
 */
export function createApp({ serve, onDone, access }: ServerOptions): App {
  const app: App = new Hono<AppEnv>();

  app.use(async (c, next) => {
    const { invocation } = c.env;
    const { timeLeftMs = Number.POSITIVE_INFINITY } = invocation;
    const route = routeOf(c);
    const { promise: released, resolve: release } = Promise.withResolvers<Response>();
    const served = serve(c.req.raw, { ...invocation, route }, async (trace) => {
      const started = performance.now();
      const timeUp = new AbortController();
      const expire = (): RagError => {
        const error = new RagError("deadline", "no answer before the deadline");
        trace.expire();
        timeUp.abort(error);
        return error;
      };
      c.set("trace", trace);
      c.set("call", {
        signal: timeUp.signal,
        ...(Number.isFinite(timeLeftMs) && { deadline: Date.now() + timeLeftMs }),
      });
      const inTime = await settlesWithin(next(), timeLeftMs);
      if (!inTime) c.res = fail(c, expire());
      const response = c.res;
      response.headers.set("server-timing", serverTiming(c, performance.now() - started));
      for (const [name, value] of Object.entries(c.get("headers") ?? {})) response.headers.set(name, value);
      secure(response.headers);
      const stream = inTime ? c.get("stream") : undefined;
      if (stream) {
        release(response);
        if (!(await settlesWithin(stream, timeLeftMs - (performance.now() - started)))) expire();
        await stream;
        const { error } = c.get("failure") ?? {};
        if (error !== undefined && !(error instanceof AbandonedError)) trace.fail(error);
      }
      const durationMs = performance.now() - started;
      const { method } = c.req;
      onDone({ method, route, status: response.status, durationMs, ...c.get("failure"), trace, invocation });
      return response;
    });
    const response = await Promise.race([released, served]);
    const rest = served.catch(() => {});
    invocation.waitUntil?.(rest);
    return response;
  });
  // Before keys: a browser sends none with the preflight, and shows a page only refusals that allow its origin.
  if (access && access.corsOrigins.length > 0) app.use(allowOrigins(access.corsOrigins));
  if (access && access.keys.length > 0) app.use(requireKeys(access.keys));
  app.notFound((c) => fail(c, new RequestError(404, `There is no ${c.req.method} ${c.req.path} here.`)));
  app.onError((error, c) => fail(c, error));
  return app;
}

function fail(c: Context<AppEnv>, error: Error): Response {
  return problemResponse(noteFailure(c, error), error instanceof RequestError ? error.headers : undefined);
}

/** The problem that an error becomes; logs and metrics are told of it. */
export function noteFailure(c: Context<AppEnv>, error: unknown): Problem {
  const problem = toProblem(error, c.get("trace").traceId);
  c.set("failure", { error, ...(problem.stage !== undefined && { stage: problem.stage }) });
  return problem;
}

/** The route's template, as `http.route`: "/embed/{document_id}"; "" when none matches. */
export function routeOf(c: Context<AppEnv>): string {
  const path = matchedRoutes(c).findLast(({ path }) => !path.includes("*"))?.path ?? "";
  return path.replace(/:(\w+)(?:\{[^}]*\})?/g, "{$1}");
}

/** Server-Timing with the stages and, as `traceparent`, the way to find this request's trace. */
function serverTiming(c: Context<AppEnv>, totalMs: number): string {
  const stages = { total: totalMs, ...c.get("stages") };
  const metrics = Object.entries(stages).map(([name, ms]) => `${name};dur=${ms.toFixed(1)}`);
  return [...metrics, `traceparent;desc="${c.get("trace").traceparent}"`].join(", ");
}
