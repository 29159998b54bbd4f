import { type Context, Hono } from "hono";
import { matchedRoutes } from "hono/route";
import { problemResponse, RequestError, toProblem } from "./problem.ts";

/** The trace a response belongs to. */
export interface TraceContext {
  /** 32 lower-case hex digits. */
  traceId: string;
  /** W3C `traceparent` of the server span. */
  traceparent: string;
}

/** What is known of a request besides the request. */
export interface Invocation {
  requestId: string;
  coldStart: boolean;
  /** Milliseconds from process start until the function could answer; on cold starts only. */
  initDurationMs?: number;
  /** `cloud.resource_id`: the function's ARN. */
  resourceId?: string;
}

export interface ServerOptions {
  /** Runs a request inside a trace. */
  serve(
    request: Request,
    invocation: Invocation & { route: string },
    respond: (trace: TraceContext) => Promise<Response>,
  ): Promise<Response>;
  /** Told of every error that became a response; 5xx are worth a log line. */
  onError(error: unknown, about: { route: string; status: number; stage: string | undefined; traceId: string }): void;
}

export interface AppEnv {
  Bindings: { invocation: Invocation };
  Variables: { trace: TraceContext; stages: Readonly<Record<string, number>> };
}

export type App = Hono<AppEnv>;

/**
 * A Hono app with what all routes share: the trace, `server-timing`, errors as problem+json. Routes are added by
 * `queryRoute`, `embedRoutes` and `healthRoutes`.
 */
export function createApp({ serve, onError }: ServerOptions): App {
  const app: App = new Hono<AppEnv>();

  app.use((c, next) =>
    serve(c.req.raw, { ...c.env.invocation, route: routeOf(c) }, async (trace) => {
      const started = performance.now();
      c.set("trace", trace);
      await next();
      c.res.headers.set("server-timing", serverTiming(c, performance.now() - started));
      c.res.headers.set("x-content-type-options", "nosniff");
      return c.res;
    }),
  );
  app.notFound((c) => fail(c, new RequestError(404, `There is no ${c.req.method} ${c.req.path} here.`)));
  app.onError((error, c) => fail(c, error));
  return app;

  function fail(c: Context<AppEnv>, error: Error): Response {
    const { traceId } = c.get("trace");
    const problem = toProblem(error, traceId);
    onError(error, { route: routeOf(c), status: problem.status, stage: problem.stage, traceId });
    return problemResponse(problem);
  }
}

/** The route's template, as `http.route`: "/embed/{document_id}"; "" when none matches. */
function routeOf(c: Context<AppEnv>): string {
  const path = matchedRoutes(c).findLast(({ path }) => !path.includes("*"))?.path ?? "";
  return path.replace(/:(\w+)(?:\{[^}]*\})?/g, "{$1}");
}

/** Server-Timing with the stages and, as `traceparent`, the way to find this request's trace. */
function serverTiming(c: Context<AppEnv>, totalMs: number): string {
  const stages = { total: totalMs, ...c.get("stages") };
  const metrics = Object.entries(stages).map(([name, ms]) => `${name};dur=${ms.toFixed(1)}`);
  return [...metrics, `traceparent;desc="${c.get("trace").traceparent}"`].join(", ");
}
