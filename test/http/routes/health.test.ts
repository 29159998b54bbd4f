import { describe, expect, it } from "vitest";
import { addHealthRoutes, type HealthCheck } from "#http/routes/health.ts";
import { send, TRACE, testApp } from "../_app.ts";

const TELEMETRY = {
  enabled: true,
  exported: 3,
  retained: 0,
  dropped: 0,
  breaker: "none" as const,
  flush: { count: 1, last_ms: 2, max_ms: 2 },
};
const USAGE = { prompt_tokens: 1, completion_tokens: 2, cost_usd: 0, requests: 1, unpriced_requests: 1 };

function healthApp(checks: HealthCheck[] = []) {
  let loads = 0;
  const { app } = testApp();
  addHealthRoutes(app, async () => {
    loads += 1;
    return { checks, telemetry: () => TELEMETRY, usage: () => USAGE };
  });
  return { app, loads: () => loads };
}

const up: HealthCheck = { name: "store", needed: true, check: async () => {} };
const down = (needed: boolean): HealthCheck => ({
  name: "embedder",
  needed,
  check: () => Promise.reject(new Error("SECRET")),
});

describe("GET /health", () => {
  it("returns 200 without loading or checking anything", async () => {
    const { app, loads } = healthApp([down(true)]);
    const response = await send(app, "/health");
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: "ok", trace_id: TRACE.traceId });
    expect(loads()).toBe(0);
  });

  it("checks every dependency with deep=1", async () => {
    const response = await send(healthApp([up]).app, "/health?deep=1");
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      status: "ok",
      dependencies: [{ name: "store", status: "ok", latency_ms: expect.any(Number), needed: true }],
      telemetry: TELEMETRY,
      usage: USAGE,
      trace_id: TRACE.traceId,
    });
  });

  it("returns 503 when a needed dependency is down, and 200 when it is not needed", async () => {
    const needed = await send(healthApp([up, down(true)]).app, "/health?deep=1");
    const text = await needed.text();
    expect(needed.status).toBe(503);
    expect(text).not.toContain("SECRET");
    expect(JSON.parse(text)).toMatchObject({
      status: "unavailable",
      dependencies: [{ status: "ok" }, { status: "unavailable" }],
    });
    expect((await send(healthApp([up, down(false)]).app, "/health?deep=1")).status).toBe(200);
  });

  it("returns 200 even when the dependencies cannot be loaded", async () => {
    const { app } = testApp();
    addHealthRoutes(app, () => Promise.reject(new Error("cannot open")));
    expect((await send(app, "/health")).status).toBe(200);
  });

  it("stops waiting for a dependency that never responds", async () => {
    const hangs: HealthCheck = { name: "store", needed: true, check: () => new Promise(() => {}) };
    const response = await send(healthApp([hangs]).app, "/health?deep=1");
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ dependencies: [{ error: "no response within 2000 ms" }] });
  });

  it("returns 400 for another value of deep", async () => {
    const response = await send(healthApp().app, "/health?deep=yes");
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ path: "/deep" }] });
  });
});
