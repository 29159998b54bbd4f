import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { RUNTIMES } from "./_runtimes.ts";
import { answer, startCollector, startObservedServer } from "./_server.ts";

describe.each(RUNTIMES.map((runtime) => [runtime.name, runtime] as const))("on %s", (_, runtime) => {
  test("telemetry of requests while the collector is away arrives once when it is back", async () => {
    const { url, collector, spans } = await startObservedServer(runtime, answer(2));
    const roots = () => spans.filter(({ name }) => name === "GET /openapi.json").map(({ traceId }) => traceId);
    const port = Number(new URL(collector.url).port);
    collector.close();
    for (let count = 0; count < 5; count++) {
      await fetch(`${url}/openapi.json`);
      await delay(500);
    }
    await startCollector(spans, port);
    const arrived = async () => {
      // A worker sends with a request what the collector has missed.
      await fetch(`${url}/health`);
      expect(roots()).toHaveLength(5);
    };
    await vi.waitFor(arrived, { timeout: 60_000, interval: 100 });
    await delay(2_000);
    expect(new Set(roots()).size).toBe(5);
    expect(roots()).toHaveLength(5);
  });
});
