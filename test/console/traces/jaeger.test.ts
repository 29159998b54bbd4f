import { afterAll, beforeAll, expect, it } from "vitest";
import { JSON_ENCODING } from "#console/receiver/encodings.ts";
import { readTraces } from "#console/receiver/traces.ts";
import { createJaegerSource } from "#console/telemetry/traces/jaeger.ts";
import { createTraceStore } from "#console/telemetry/traces/store.ts";
import { buildModule, preparePrograms } from "../../../local-stack/native/build.ts";
import { runsDocker } from "../../../local-stack/stack/create.ts";
import { freePort } from "../../../local-stack/stack/ports.ts";
import { eventually, startStack, type TestStack } from "../../stack/_stack.ts";

let stack: TestStack;
beforeAll(async () => {
  if (!runsDocker()) {
    preparePrograms(["collector", "jaeger", "prometheus", "promtool"]);
    buildModule("compose");
  }
  stack = await startStack();
}, 900_000);
afterAll(() => stack?.down());

const TRACE_ID = "0b8efff798038103d269b633813fc60c";
const PARENT = { parentSpanId: "0ee19b7ec3c1b174" };

/** A degraded query, of a moment ago. */
function degradedQuery(): object {
  const now = BigInt(Date.now()) * 1_000_000n;
  const at = (ms: number) => String(now + BigInt(ms * 1_000_000));
  const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const spans = [
    {
      ...{ traceId: TRACE_ID, spanId: PARENT.parentSpanId, name: "POST /query", kind: 2 },
      ...{ startTimeUnixNano: at(0), endTimeUnixNano: at(30.5) },
      attributes: [text("http.route", "/query"), { key: "http.response.status_code", value: { intValue: "200" } }],
      links: [{ traceId: "5".repeat(32), spanId: "5".repeat(16) }],
    },
    {
      ...{ traceId: TRACE_ID, spanId: "1".repeat(16), ...PARENT, name: "rag.query", kind: 1 },
      ...{ startTimeUnixNano: at(1), endTimeUnixNano: at(30) },
      attributes: [
        { key: "cache.hit", value: { boolValue: false } },
        { key: "score", value: { doubleValue: 0.5 } },
      ],
      events: [{ name: "rag.degraded", timeUnixNano: at(2), attributes: [text("rag.stage", "rerank")] }],
    },
    {
      ...{ traceId: TRACE_ID, spanId: "2".repeat(16), parentSpanId: "1".repeat(16), name: "rag.rerank", kind: 3 },
      ...{ startTimeUnixNano: at(1.25), endTimeUnixNano: at(2) },
      status: { code: 2, message: "down" },
    },
  ];
  const resource = { attributes: [text("service.name", "edge-rag"), text("deployment.environment.name", "test")] };
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "edge-rag", version: "1" }, spans }] }] };
}

it("has the same of a trace from Jaeger as from the receiver", async () => {
  const body = degradedQuery();
  const headers = { "content-type": "application/json" };
  const jaeger = createJaegerSource({ url: stack.urls.jaeger, endpoint: stack.urls.otlp });
  expect(await jaeger.get(TRACE_ID)).toBeUndefined();
  const sent = await fetch(`${stack.urls.otlp}/v1/traces`, { method: "POST", headers, body: JSON.stringify(body) });
  expect(sent.status).toBe(200);
  const found = await eventually(
    () => jaeger.get(TRACE_ID),
    (trace) => trace !== undefined,
  );

  const store = createTraceStore();
  store.add(readTraces(JSON_ENCODING.decode("traces", Buffer.from(JSON.stringify(body)))).payload);
  expect(found).toEqual({ ...(await store.get(TRACE_ID)), jaeger_url: `${stack.urls.jaeger}/trace/${TRACE_ID}` });

  for (const filter of [{}, { route: "/query" }, { degraded: true }, { min_ms: 30 }, { id: TRACE_ID }, { id: "0b8" }]) {
    expect(await jaeger.list(filter)).toEqual(await store.list(filter));
  }
  for (const filter of [{ failed: true }, { min_ms: 31 }, { route: "/search" }, { before_ms: found?.start_ms ?? 0 }]) {
    expect((await jaeger.list(filter)).traces).toEqual([]);
  }
});

it("says what could not be reached, and whose port is taken", async () => {
  const url = `http://localhost:${await freePort()}`;
  const jaeger = createJaegerSource({ url, endpoint: "http://localhost:4318" });
  const message = `Jaeger could not be reached at ${url}`;
  await expect(jaeger.list({})).rejects.toThrow(message);
  await expect(jaeger.get(TRACE_ID)).rejects.toThrow("Another program has the port of http://localhost:4318");
});
