import { describe, expect, it } from "vitest";
import { createApi, createEventBus } from "#console/server/api.ts";
import { noTraces, type TraceSource } from "#console/telemetry/sources.ts";
import { announceTraces } from "#console/telemetry/traces/events.ts";
import { addTraceRoutes } from "#console/telemetry/traces/routes.ts";
import { createTraceStore } from "#console/telemetry/traces/store.ts";
import { A, span } from "./_spans.ts";

function apiOf(source: TraceSource) {
  const status = { functions: "ready", telemetry: { kind: "off" }, needsKey: false } as const;
  const api = createApi(() => status, createEventBus());
  addTraceRoutes(api, source);
  return async (path: string) => {
    const response = await api.request(`/console/api/traces${path}`);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
}

describe("the routes of traces", () => {
  it("list them, and have one by its id", async () => {
    const store = createTraceStore();
    store.add({ spans: [span("root", { ms: 20 })] });
    const get = apiOf(store);
    expect(
      await get("?min_ms=10.5&failed=false&degraded=false&limit=5000&id=AA&before_ms=1700000000001"),
    ).toMatchObject({
      status: 200,
      body: { traces: [{ trace_id: A }], routes: [] },
    });
    expect(await get(`/${A.toUpperCase()}`)).toMatchObject({ status: 200, body: { tree: [{ span_id: "root" }] } });
    expect(await get(`/${"b".repeat(32)}`)).toMatchObject({ status: 404 });
  });

  it.each([
    ["?limit=0", "limit: must be a whole number from 1 to 5000"],
    ["?limit=5001", "limit: must be a whole number from 1 to 5000"],
    ["?min_ms=fast", "min_ms: must be a number"],
    ["?failed=yes", "failed: must be true or false"],
    ["?id=xyz", "id: must be 1 to 32 hexadecimal digits"],
    ["?slow=true", "no filter slow"],
    ["/abc", "32 hexadecimal digits"],
  ])("refuse %s", async (path, detail) => {
    const { status, body } = await apiOf(createTraceStore())(path);
    expect([status, body.detail]).toEqual([400, expect.stringContaining(detail)]);
  });

  it("say why there are none, and what could not be reached", async () => {
    expect(await apiOf(noTraces("Telemetry is off."))("")).toMatchObject({
      status: 404,
      body: { detail: "Telemetry is off." },
    });
    const fail = () => Promise.reject(new Error("Jaeger could not be reached"));
    expect(await apiOf({ list: fail, get: fail })(`/${A}`)).toMatchObject({
      ...{ status: 502, body: { detail: "Jaeger could not be reached" } },
    });
  });
});

it("tells pages of new spans of several requests at once", async () => {
  const events = createEventBus();
  const received = new Promise((resolve) => events.subscribe((name, data) => resolve([name, data])));
  const announce = announceTraces(events);
  announce([A, A]);
  announce(["b"]);
  expect(await received).toEqual(["traces", { trace_ids: [A, "b"] }]);
});
