import type { Context } from "hono";
import { Hono } from "hono/tiny";
import { settlesWithin } from "#async/time-limit.ts";
import { requireKeys } from "#http/middleware/auth.ts";
import { allowOrigins } from "#http/middleware/cors.ts";
import { secure } from "#http/middleware/secure-headers.ts";
import { openAIErrorResponse } from "#http/protocols/chat/error.ts";
import { AbandonedError, RagError } from "#rag/errors.ts";
import {
  type ApiKey,
  type App,
  type AppEnv,
  type Invocation,
  type Outcome,
  recordFailure,
  routeOf,
  type TraceContext,
} from "./context.ts";
import { problemResponse, RequestError } from "./problem.ts";

/** Access control of the app. */
export interface Access {
  /** When empty, anyone may read and write everything. */
  keys: readonly ApiKey[];
  /** Web origins allowed by CORS; `*` is any. */
  corsOrigins: readonly string[];
}

export interface ServerOptions {
  access?: Access;
  /** Handles a request inside a server span. */
  serve(
    request: Request,
    invocation: Invocation & { route: string },
    respond: (trace: TraceContext) => Promise<Response>,
  ): Promise<Response>;
  /** Called after each response, before the server span ends. */
  onDone(outcome: Outcome): void;
}

/**
 * A Hono app with what all routes share: server span → deadline → CORS → API key, common headers, and errors as
 * problem+json, or for OpenAI's protocol as OpenAI's. Middleware such as `limitRate` is added next, then routes:
 * `addQueryRoute`, `addSearchRoute`, `addEmbedRoutes`, `addDocumentRoutes`, `addHealthRoutes`.
 */
export function createApp({ serve, onDone, access }: ServerOptions): App {
  const app: App = new Hono<AppEnv>();

  app.use(async (c, next) => {
    const { invocation } = c.env;
    const { timeLeftMs = Number.POSITIVE_INFINITY } = invocation;
    const route = routeOf(c);
    // A streamed response is returned at once; `served` settles when its stream has ended.
    const { promise: streaming, resolve: startStreaming } = Promise.withResolvers<Response>();
    const served = serve(c.req.raw, { ...invocation, route }, async (trace) => {
      const started = performance.now();
      const deadline = new AbortController();
      const expire = (): RagError => {
        const error = new RagError("deadline", "the deadline passed before the response was complete");
        trace.expire();
        deadline.abort(error);
        return error;
      };
      c.set("trace", trace);
      c.set("call", {
        signal: deadline.signal,
        ...(Number.isFinite(timeLeftMs) && { deadline: Date.now() + timeLeftMs }),
      });
      const inTime = await settlesWithin(next(), timeLeftMs);
      if (!inTime) c.res = fail(c, expire());
      const response = c.res;
      response.headers.set("server-timing", serverTiming(c, performance.now() - started));
      for (const [name, value] of Object.entries(c.get("headers") ?? {})) response.headers.set(name, value);
      if (speaksOpenAI(c)) response.headers.set("x-request-id", trace.traceId);
      secure(response.headers);
      const stream = inTime ? c.get("stream") : undefined;
      if (stream) {
        startStreaming(response);
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
    const response = await Promise.race([streaming, served]);
    const rest = served.catch(() => {});
    invocation.waitUntil?.(rest);
    return response;
  });
  // CORS comes first: a preflight has no key, and a page can read a 401 only if it has the CORS headers.
  if (access && access.corsOrigins.length > 0) app.use(allowOrigins(access.corsOrigins));
  if (access && access.keys.length > 0) app.use(requireKeys(access.keys));
  app.notFound((c) => fail(c, noRoute(c, methodsOf(app, c.req.path))));
  app.onError((error, c) => fail(c, error));
  return app;
}

/**
 * 405 for a path with routes for other methods, as RFC 9110 (15.5.6) demands, otherwise 404. A preflight gets 404 where
 * CORS is off.
 */
function noRoute({ req: { method, path } }: Context<AppEnv>, allowed: readonly string[]): RequestError {
  if (allowed.length === 0 || method === "OPTIONS")
    return new RequestError(404, `There is no route ${method} ${path}.`);
  const allow = allowed.join(", ");
  return new RequestError(405, `${path} does not support this method, only ${allow}.`, { headers: { allow } });
}

/** The methods for which the path has a route; none with a slash at the end, where a document's id is missing. */
function methodsOf(app: App, path: string): string[] {
  if (path.endsWith("/")) return [];
  return ["GET", "POST", "DELETE"].filter((method) =>
    app.router.match(method, path)[0].some(([[, route]]) => route.method === method),
  );
}

function fail(c: Context<AppEnv>, error: Error): Response {
  const respond = speaksOpenAI(c) ? openAIErrorResponse : problemResponse;
  return respond(recordFailure(c, error), error instanceof RequestError ? error.headers : undefined);
}

/** Whether the request is for a route of OpenAI's protocol, also one that does not exist. */
function speaksOpenAI({ req }: Context<AppEnv>): boolean {
  return req.path.startsWith("/v1/");
}

/** `Server-Timing` with the time of each stage, and the `traceparent` of the server span. */
function serverTiming(c: Context<AppEnv>, totalMs: number): string {
  const stages = { total: totalMs, ...c.get("stages") };
  const metrics = Object.entries(stages).map(([name, ms]) => `${name};dur=${ms.toFixed(1)}`);
  return [...metrics, `traceparent;desc="${c.get("trace").traceparent}"`].join(", ");
}
