import type { App } from "./app.ts";
import { requireKey } from "./auth.ts";
import { parse } from "./body.ts";
import { type HealthResponse, healthQuery } from "./schemas.ts";

export interface HealthCheck {
  name: string;
  /** Whether queries fail without it. */
  needed: boolean;
  /** Rejects when the dependency does not answer. */
  check(): Promise<void>;
}

export interface HealthSources {
  checks: readonly HealthCheck[];
  telemetry(): NonNullable<HealthResponse["telemetry"]>;
  usage(): NonNullable<HealthResponse["usage"]>;
}

const CHECK_TIMEOUT_MS = 2000;

/**
 * Adds `GET /health` (liveness: no I/O, nothing loaded), `GET /health?deep=1` (readiness: every dependency asked)
 * and `GET /openapi.json`. `load` runs on the first deep request, which needs a key where there
 * are keys.
 */
export function healthRoutes(app: App, load: () => Promise<HealthSources>): App {
  app.get("/health", async (c) => {
    const { deep } = parse(c.req.query(), healthQuery, "query string");
    const trace_id = c.get("trace").traceId;
    if (deep !== "1") return c.json({ status: "ok", trace_id } satisfies HealthResponse);

    requireKey(c);
    const { checks, telemetry, usage } = await load();
    const dependencies = await Promise.all(checks.map(ask));
    const ready = dependencies.every(({ status, needed }) => status === "ok" || !needed);
    const response: HealthResponse = {
      status: ready ? "ok" : "unavailable",
      dependencies,
      telemetry: telemetry(),
      usage: usage(),
      trace_id,
    };
    return c.json(response, ready ? 200 : 503);
  });

  app.get("/openapi.json", async (c) => {
    const { openApiDocument } = await import("./openapi.ts");
    return c.json(openApiDocument());
  });
  return app;
}

async function ask({ name, needed, check }: HealthCheck): Promise<NonNullable<HealthResponse["dependencies"]>[number]> {
  const started = performance.now();
  const outcome = await settleWithin(check(), CHECK_TIMEOUT_MS);
  const latency_ms = performance.now() - started;
  return outcome === "ok"
    ? { name, status: "ok", latency_ms, needed }
    : { name, status: "unavailable", latency_ms, needed, error: outcome };
}

async function settleWithin(promise: Promise<void>, ms: number): Promise<"ok" | string> {
  const { promise: late, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(resolve, ms, `no answer in ${ms} ms`);
  try {
    return await Promise.race([
      promise.then(
        () => "ok",
        () => "the check failed; see the logs",
      ),
      late,
    ]);
  } finally {
    clearTimeout(timer);
  }
}
