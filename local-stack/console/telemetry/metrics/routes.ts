import type { Hono } from "hono";
import { problem } from "#console/server/api.ts";
import type { MetricsSource } from "../sources.ts";

const SHORTEST_MINUTES = 5;
const LONGEST_MINUTES = 60;
const DEFAULT_MINUTES = 15;

/** @param source `undefined` where the console can read no metrics: telemetry is off, or sent elsewhere */
export function addMetricsRoutes(api: Hono, source: () => MetricsSource | undefined): void {
  api.get("/metrics", async (context) => {
    const minutes = Number(context.req.query("minutes") ?? DEFAULT_MINUTES);
    if (!Number.isInteger(minutes) || minutes < SHORTEST_MINUTES || minutes > LONGEST_MINUTES) {
      return problem(400, `minutes must be a whole number from ${SHORTEST_MINUTES} to ${LONGEST_MINUTES}.`);
    }
    const metrics = source();
    if (!metrics) return problem(503, "The console can read no metrics: telemetry is off, or sent to another machine.");
    try {
      return context.json(await metrics.view(minutes));
    } catch (error) {
      return problem(502, error instanceof Error ? error.message : String(error));
    }
  });
}
