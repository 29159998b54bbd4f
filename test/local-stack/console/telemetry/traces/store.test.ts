import { describe, expect, it } from "vitest";
import { createTraceStore } from "#console/telemetry/traces/store.ts";
import { A, B, FAILED, span } from "./_spans.ts";

const idOf = (number: number) => String(number).padStart(32, "c");

describe("the store of traces", () => {
  it("assembles spans that arrive in any order, late, or twice", async () => {
    const store = createTraceStore();
    store.add({
      spans: [span("leaf", { parentSpanId: "query", at: 2 }), span("query", { parentSpanId: "root", at: 1 })],
    });
    store.add({ spans: [span("other", { traceId: B })] });
    expect((await store.list({})).traces.find(({ trace_id }) => trace_id === A)).toMatchObject({
      name: "query",
      spans: 2,
    });
    for (let times = 0; times < 2; times += 1)
      store.add({ spans: [span("root", { ms: 30 }), span("leaf", { parentSpanId: "query", at: 2 })] });
    const trace = await store.get(A);
    expect(trace).toMatchObject({ name: "root", spans: 3, duration_ms: 30 });
    expect(trace?.tree.map(({ span_id }) => span_id)).toEqual(["root", "query", "leaf"]);
    expect(await store.get(idOf(1))).toBeUndefined();
  });

  it("puts a parent before its children, siblings by start, and leaves out none", async () => {
    const store = createTraceStore();
    const spans = [
      span("second", { parentSpanId: "root", at: 5 }),
      span("below", { parentSpanId: "first", at: 9 }),
      // The clock of another machine.
      span("first", { parentSpanId: "root", at: -3 }),
      span("orphan", { parentSpanId: "lost", at: 7 }),
      span("root"),
      span("egg", { parentSpanId: "hen", at: 20 }),
      span("hen", { parentSpanId: "egg", at: 21 }),
      span("itself", { parentSpanId: "itself", at: 30 }),
    ];
    store.add({ spans });
    const order = (await store.get(A))?.tree.map(({ span_id }) => span_id);
    expect(order).toEqual(["root", "first", "below", "second", "orphan", "egg", "hen", "itself"]);
  });

  it("has a trace of a long chain", async () => {
    const store = createTraceStore();
    const chain = Array.from({ length: 20_000 }, (_, depth) => span(`s${depth}`, { parentSpanId: `s${depth - 1}` }));
    store.add({ spans: chain });
    expect((await store.get(A))?.tree).toHaveLength(20_000);
  });

  it("has times since the start of the trace to a microsecond, and everything of a span", async () => {
    const store = createTraceStore();
    const events = [{ name: "retry", timeUnixNano: 1_700_000_000_001_500_000n, attributes: { attempt: 1 } }];
    const links = [{ traceId: B, spanId: "f".repeat(16), attributes: {} }];
    store.add({ spans: [span("root"), span("leaf", { at: 1.234567, ms: 0.0015, events, links, status: FAILED })] });
    const trace = await store.get(A);
    expect(trace?.tree[1]).toEqual({
      ...{ span_id: "leaf", name: "leaf", kind: "internal", service: "edge-rag", attributes: {} },
      ...{ start_ms: 1.234, duration_ms: 0.001, status: "error", message: "down" },
      events: [{ name: "retry", at_ms: 1.5, attributes: { attempt: 1 } }],
      links: [{ trace_id: B, span_id: "f".repeat(16) }],
    });
    expect(trace?.resources).toEqual({ "edge-rag": { "service.name": "edge-rag" } });
  });

  it("forgets the trace that came first when there are too many, and counts it", async () => {
    const store = createTraceStore({ maxTraces: 2 });
    for (const number of [1, 2, 3]) store.add({ spans: [span("root", { traceId: idOf(number), at: -number })] });
    store.add({ spans: [span("leaf", { traceId: idOf(2) })] });
    const { traces, forgotten } = await store.list({});
    expect(traces.map(({ trace_id }) => trace_id)).toEqual([idOf(2), idOf(3)]);
    expect(forgotten).toBe(1);
  });

  it("forgets by the memory that spans take, also those of one endless trace", async () => {
    const store = createTraceStore({ maxBytes: 100_000 });
    const attributes = { text: "x".repeat(10_000) };
    for (let number = 0; number < 20; number += 1)
      store.add({ spans: [span("root", { traceId: idOf(number), attributes })] });
    expect((await store.list({})).traces.length).toBe(9);
    for (let number = 0; number < 20; number += 1) store.add({ spans: [span(`s${number}`, { attributes })] });
    expect((await store.list({})).traces.reduce((sum, { spans }) => sum + spans, 0)).toBeLessThan(10);
  });

  it("keeps 5,000 traces of queries, each in a request of its own", async () => {
    const store = createTraceStore();
    const attributes = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`attribute.${index}`, `value ${index}`]),
    );
    for (let number = 0; number < 5_000; number += 1) {
      const resource = { attributes: { "service.name": "edge-rag", "process.pid": 7 } };
      const spans = Array.from({ length: 7 }, (_, index) =>
        span(`s${index}`, { traceId: idOf(number), attributes: { ...attributes }, resource }),
      );
      store.add({ spans });
    }
    const { traces, forgotten } = await store.list({ limit: 5_000 });
    expect([traces.length, forgotten]).toEqual([5_000, undefined]);
  });
});

describe("the list", () => {
  async function idsOf(filter: Parameters<ReturnType<typeof createTraceStore>["list"]>[0]) {
    const store = createTraceStore();
    const degraded = [{ name: "rag.degraded", timeUnixNano: 0n, attributes: { "rag.stage": "rerank" } }];
    store.add({
      spans: [
        span("1", { traceId: idOf(1), at: 1, ms: 5, attributes: { "http.route": "/query" } }),
        span("2", { traceId: idOf(2), at: 2, ms: 50, attributes: { "http.route": "/search" }, events: degraded }),
        span("3", { traceId: idOf(3), at: 3, ms: 500, status: FAILED }),
      ],
    });
    const { traces, routes } = await store.list(filter);
    expect(routes).toEqual(["/query", "/search"]);
    return traces.map(({ trace_id }) => Number(trace_id.replaceAll("c", "")));
  }

  it.each([
    ["newest first", {}, [3, 2, 1]],
    ["slow ones", { min_ms: 50 }, [3, 2]],
    ["failed ones", { failed: true }, [3]],
    ["those that did not fail", { failed: false }, [2, 1]],
    ["degraded ones", { degraded: true }, [2]],
    ["of a route", { route: "/query" }, [1]],
    ["by the beginning of the id", { id: `${"c".repeat(31)}2` }, [2]],
    ["those before a time: the next page", { before_ms: 1_700_000_000_003 }, [2, 1]],
    ["the first of them", { limit: 1 }, [3]],
    ["that meet all conditions", { min_ms: 50, failed: false }, [2]],
  ])("has %s", async (_what, filter, expected) => {
    expect(await idsOf(filter)).toEqual(expected);
  });
});
