import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { MetricsPayload } from "#console/receiver/payload.ts";
import { createMetricsStore, type MetricsStore } from "#console/telemetry/metrics/store.ts";
import { exported, queries, SECONDS } from "./_exports.ts";

const COUNT = "rag_query_duration_seconds_count";
const BUCKET = "rag_query_duration_seconds_bucket";
const NAMES = new Set([
  COUNT,
  BUCKET,
  "rag_query_duration_seconds_sum",
  "rag_query_errors_total",
  "faas_coldstarts_total",
]);

function storeOf(...payloads: readonly MetricsPayload[]): MetricsStore {
  const store = createMetricsStore({ names: NAMES });
  for (const payload of payloads) store.add(payload);
  return store;
}

/** The last value of each series of that name. */
const lastValues = (store: MetricsStore, name: string) => store.named(name).map(({ history }) => history.values.at(-1));

describe("delta points", () => {
  it("of all environments add up to one series", () => {
    const store = storeOf(
      queries([0.1], "answered", { instance: "a" }),
      queries([0.2, 0.3], "answered", { instance: "b" }),
      queries([0.4], "error", { instance: "a" }),
    );
    expect(store.named(COUNT).map(({ labels }) => labels.outcome)).toEqual(["answered", "error"]);
    expect(lastValues(store, COUNT)).toEqual([3, 1]);
    expect(lastValues(store, "rag_query_duration_seconds_sum")[0]).toBeCloseTo(0.6, 10);
  });

  it("count in every bucket that is large enough, and in the one for Infinity", () => {
    const store = storeOf(queries([0.1, 0.3]), queries([100]));
    const buckets = Object.fromEntries(
      store.named(BUCKET).map(({ labels, history }) => [labels.le, history.values.at(-1)]),
    );
    expect(buckets).toMatchObject({ "0.08": 0, "0.16": 1, "0.32": 2, "81.92": 2, "+Inf": 3 });
    expect(store.named(BUCKET)).toHaveLength(SECONDS.length + 1);
  });

  it("that are sent again count once", () => {
    const times = { start: 5n, time: 6n };
    const store = storeOf(
      queries([0.1], "answered", times),
      queries([0.1], "answered", times),
      queries([0.1], "answered", { ...times, instance: "b" }),
      queries([0.1], "answered", { start: 6n, time: 7n }),
    );
    expect(lastValues(store, COUNT)).toEqual([3]);
  });

  it("without times cannot be told apart, and count", () => {
    const unknown = { start: 0n, time: 0n };
    const store = storeOf(queries([0.1], "answered", unknown), queries([0.1], "answered", unknown));
    expect(lastValues(store, COUNT)).toEqual([2]);
  });
});

describe("cumulative points", () => {
  const counted = (value: number, time: bigint, instance = "a"): MetricsPayload =>
    exported({
      instance,
      temporality: "cumulative",
      start: 1n,
      time,
      metrics: [{ name: "rag_query_errors_total", value }],
    });

  it("stay as their sender counts them, a series for each sender", () => {
    const store = storeOf(counted(3, 10n), counted(7, 20n), counted(2, 20n, "b"));
    expect(lastValues(store, "rag_query_errors_total")).toEqual([7, 2]);
  });

  it("that were overtaken are left out, and those of a sender that began again are not", () => {
    const store = storeOf(counted(7, 20n), counted(3, 10n));
    expect(lastValues(store, "rag_query_errors_total")).toEqual([7]);
    store.add(counted(1, 30n));
    expect(lastValues(store, "rag_query_errors_total")).toEqual([1]);
  });
});

it("names metrics and labels as the collector's Prometheus exporter does", () => {
  const store = storeOf(
    exported({ metrics: [{ name: "faas.coldstarts", attributes: { "faas.trigger": "http" }, value: 1 }] }),
  );
  expect(store.named("faas_coldstarts_total")[0]?.labels).toEqual({
    service_name: "edge-rag",
    faas_name: "query",
    faas_trigger: "http",
  });
});

it("drops what identifies one environment by the same pattern as the collector", () => {
  const yaml = readFileSync(join(import.meta.dirname, "../../../../../local-stack/collector.yaml"), "utf8");
  const { processors } = parse(yaml) as { processors: Record<string, unknown> };
  const [, pattern] =
    /delete_matching_keys\(resource\.attributes, "(.*?)"\)/.exec(
      JSON.stringify(processors["transform/deltas"]).replaceAll('\\"', '"'),
    ) ?? [];
  const source = readFileSync(
    join(import.meta.dirname, "../../../../../local-stack/console/telemetry/metrics/names.ts"),
    "utf8",
  );
  expect(source).toContain(`/${pattern?.replaceAll("\\\\\\\\", "\\")}/`);
});

it("keeps only the metrics it was asked for, and a bounded number of series", () => {
  const store = createMetricsStore({ names: NAMES, maxSeries: 2 });
  store.add(exported({ metrics: [{ name: "somebody.else", value: 1 }] }));
  expect(store.named("somebody_else_total")).toEqual([]);
  for (const stage of ["embedding", "rerank", "cache", "deadline"]) {
    store.add(exported({ metrics: [{ name: "rag_query_errors_total", attributes: { stage }, value: 1 }] }));
  }
  expect(store.named("rag_query_errors_total").map(({ labels }) => labels.stage)).toEqual(["embedding", "rerank"]);
  expect(store.leftOut).toBe(2);
});
