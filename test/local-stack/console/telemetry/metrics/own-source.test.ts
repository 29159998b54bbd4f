import { describe, expect, it } from "vitest";
import type { MetricsView } from "#console/contract.ts";
import { createOwnMetrics } from "#console/telemetry/metrics/own-source.ts";
import { exported, queries } from "./_exports.ts";

const START = Date.UTC(2026, 0, 1, 12);

/** A source with a clock that tests set. */
function sourceAt(start: number) {
  let time = start;
  const source = createOwnMetrics({ service: "edge-rag", now: () => time });
  const goOn = (seconds: number): void => {
    time += seconds * 1000;
  };
  return { source, goOn };
}

const number = ({ numbers }: MetricsView, id: string) => numbers.find((panel) => panel.id === id)?.value;
const series = ({ graphs }: MetricsView, id: string) => graphs.find((panel) => panel.id === id)?.series ?? [];

it("shows nothing, instead of zero, before anything was received", async () => {
  const view = await sourceAt(START).source.view(15);
  expect(view.numbers.map(({ value }) => value)).toEqual(view.numbers.map(() => null));
  expect(view.graphs.flatMap(({ series }) => series)).toEqual([]);
});

it("moves the queries by one for each query, from the very first", async () => {
  const { source, goOn } = sourceAt(START);
  for (let asked = 1; asked <= 5; asked++) {
    source.add(queries([0.1]));
    goOn(7);
    expect(number(await source.view(15), "queries")).toBe(asked);
  }
});

it("forgets a query that is longer ago than the view shows, and does not take the silence for zero durations", async () => {
  const { source, goOn } = sourceAt(START);
  source.add(queries([0.1]));
  goOn(6 * 60);
  source.add(queries([0.1]));
  expect(number(await source.view(5), "queries")).toBe(1);
  expect(number(await source.view(15), "queries")).toBe(2);
  goOn(20 * 60);
  const view = await source.view(15);
  expect(number(view, "queries")).toBe(0);
  expect(number(view, "query_p95")).toBeNull();
  expect(series(view, "query_duration")).toEqual([]);
});

describe("with some queries", () => {
  const { source } = sourceAt(START);
  source.add(queries([0.1, 0.1, 0.1]));
  source.add(queries([0.3], "error"));
  source.add(queries([80], "abandoned"));
  source.add(
    exported({
      metrics: [
        { name: "rag_query_errors_total", attributes: { stage: "rerank" }, value: 1 },
        { name: "rag_embedding_cache_hits_total", value: 1 },
        { name: "rag_embedding_cache_misses_total", value: 3 },
        { name: "otel.sdk.exporter.span.exported", value: 20 },
        { name: "rag_vector_search_results_count", unit: "{result}", bounds: [0, 1, 2], observed: [0, 2, 2, 2] },
      ],
    }),
  );

  it("computes ratios of those that were received, and quantiles without abandoned queries", async () => {
    const view = await source.view(15);
    expect(number(view, "queries")).toBe(5);
    expect(number(view, "error_ratio")).toBe(0.2);
    expect(number(view, "cache_hit_ratio")).toBe(0.25);
    // The second of four observations: in (0.08, 0.16], two thirds of three.
    expect(number(view, "query_p50")).toBeCloseTo(0.08 + (0.08 * 2) / 3, 10);
    expect(number(view, "telemetry_dropped")).toBe(0);
    expect(number(view, "tokens")).toBeNull();
  });

  it("has a series for each outcome and stage, and knows which of them count failures", async () => {
    const view = await source.view(15);
    expect(series(view, "query_rate").map(({ label, failed }) => [label, failed])).toEqual([
      ["answered", false],
      ["abandoned", false],
      ["error", true],
    ]);
    expect(series(view, "query_rate")[0]?.values.at(-1)).toBeCloseTo(3 / 60, 10);
    expect(series(view, "errors_by_stage")).toMatchObject([{ label: "rerank", failed: true }]);
    expect(series(view, "zero_result_rate")[0]?.values.at(-1)).toBe(0.25);
    expect(series(view, "results_per_search")[0]?.values.at(-1)).toBe(1.5);
  });

  it("shows as many errors in the bars as in the number", async () => {
    const [errors] = series(await source.view(60), "errors_by_stage");
    expect(errors?.values.reduce<number>((sum, value) => sum + (value ?? 0), 0)).toBe(1);
  });
});

it("shows nothing of another service", async () => {
  const { source } = sourceAt(START);
  source.add(queries([0.1], "answered", { service: "somebody-else" }));
  expect(number(await source.view(15), "queries")).toBeNull();
});

it("counts a sender that began again from zero", async () => {
  const { source, goOn } = sourceAt(START);
  const counted = (value: number, time: bigint) =>
    exported({ temporality: "cumulative", start: 1n, time, metrics: [{ name: "rag_openai_tokens_total", value }] });
  source.add(counted(100, 10n));
  goOn(10 * 60);
  source.add(counted(130, 20n));
  expect(number(await source.view(5), "tokens")).toBe(30);
  source.add(counted(4, 30n));
  expect(number(await source.view(5), "tokens")).toBe(4);
});

it("announces what was received once, however many exports there were", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let announced = 0;
  const source = createOwnMetrics({
    service: "edge-rag",
    onChange() {
      announced++;
      resolve();
    },
  });
  const waiting = setTimeout(() => {}, 30_000);
  for (let sent = 0; sent < 10; sent++) source.add(queries([0.1]));
  expect(announced).toBe(0);
  await promise;
  clearTimeout(waiting);
  expect(announced).toBe(1);
});
