import { Hono } from "hono";
import { expect, it } from "vitest";
import type { MetricsView } from "#console/contract.ts";
import { createOwnMetrics } from "#console/telemetry/metrics/own-source.ts";
import { createPrometheusMetrics } from "#console/telemetry/metrics/prometheus-source.ts";
import { addMetricsRoutes } from "#console/telemetry/metrics/routes.ts";
import type { MetricsSource } from "#console/telemetry/sources.ts";
import { freePort } from "../../../../../local-stack/stack/ports.ts";

function get(path: string, source?: MetricsSource): Response | Promise<Response> {
  const api = new Hono();
  addMetricsRoutes(api, () => source);
  return api.request(path);
}

const own = () => createOwnMetrics({ service: "edge-rag" });

it.each([
  ["", 900],
  ["?minutes=5", 300],
  ["?minutes=60", 3600],
])("answers /metrics%s with the points of %d seconds", async (query, seconds) => {
  const { times, step_seconds } = (await (await get(`/metrics${query}`, own())).json()) as MetricsView;
  expect(times.length * step_seconds).toBe(seconds);
  expect(times.length).toBeGreaterThanOrEqual(60);
  expect(times.length).toBeLessThanOrEqual(120);
});

it.each(["4", "61", "7.5", "x"])("refuses minutes=%s, and says what is possible", async (minutes) => {
  const response = await get(`/metrics?minutes=${minutes}`, own());
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ detail: "minutes must be a whole number from 5 to 60." });
});

it("says why there are no metrics", async () => {
  expect((await get("/metrics")).status).toBe(503);
});

it("says that Prometheus gives no response, and how to find out", async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  const response = await get("/metrics", createPrometheusMetrics({ url, service: "edge-rag" }));
  expect(response.status).toBe(502);
  expect(await response.json()).toMatchObject({
    detail: `Prometheus at ${url} gave no response. Is it running? npm run stack status shows it.`,
  });
});
