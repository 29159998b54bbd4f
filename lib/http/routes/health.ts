import { settlesWithin } from "#async/time-limit.ts";
import { parse } from "#http/body.ts";
import type { App } from "#http/context.ts";
import { requireKey } from "#http/middleware/auth.ts";
import { RequestError } from "#http/problem.ts";
import type { HealthResponse } from "#http/schemas/responses.ts";
import { healthQuery } from "#http/schemas.ts";

export interface HealthCheck {
  name: string;
  /** Whether queries fail without it. */
  needed: boolean;
  /** Rejects when the dependency is unavailable. The message of a {@link RequestError} is part of the response. */
  check(): Promise<void>;
}

export interface HealthSources {
  checks: readonly HealthCheck[];
  telemetry(): NonNullable<HealthResponse["telemetry"]>;
  usage(): NonNullable<HealthResponse["usage"]>;
}

const CHECK_TIMEOUT_MS = 2000;

/**
 * Adds `GET /health` (liveness: no I/O, nothing loaded), `GET /health?deep=1` (readiness: checks every dependency) and
 * `GET /openapi.json`.
 *
 * @param load called by deep requests only, after the API key is checked
 */
export function addHealthRoutes(app: App, load: () => Promise<HealthSources>): void {
  app.get("/health", async (c) => {
    const { deep } = parse(c.req.query(), healthQuery, "query string");
    const trace_id = c.get("trace").traceId;
    if (deep !== "1") return c.json({ status: "ok", trace_id } satisfies HealthResponse);

    requireKey(c);
    const { checks, telemetry, usage } = await load();
    const dependencies = await Promise.all(checks.map(runCheck));
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
    const { openApiDocument } = await import("#http/openapi.ts");
    return c.json(openApiDocument());
  });
}

type Dependency = NonNullable<HealthResponse["dependencies"]>[number];

async function runCheck({ name, needed, check }: HealthCheck): Promise<Dependency> {
  const started = performance.now();
  const error = await settlesWithin(check(), CHECK_TIMEOUT_MS).then(
    (inTime) => (inTime ? undefined : `no response within ${CHECK_TIMEOUT_MS} ms`),
    (error: unknown) => (error instanceof RequestError ? error.message : "the check failed; see the logs"),
  );
  const latency_ms = performance.now() - started;
  return error === undefined
    ? { name, status: "ok", latency_ms, needed }
    : { name, status: "unavailable", latency_ms, needed, error };
}
