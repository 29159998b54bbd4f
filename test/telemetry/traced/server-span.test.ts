import { type Context, ROOT_CONTEXT, SpanStatusCode, trace } from "@opentelemetry/api";
import { describe, expect, test } from "vitest";
import { RagError } from "#rag/errors.ts";
import { getTracer, type SamplerName } from "#telemetry/index.ts";
import { createPropagator } from "#telemetry/sdk/propagator.ts";
import { INVOCATION, pointsOf, post, recordingTelemetry, spanNamed, tracedPipelines } from "../_setup.ts";

const WARM = { route: "/query", coldStart: false };
const PARENT = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };
const traceparent = (flags: "00" | "01") => `00-${PARENT.traceId}-${PARENT.spanId}-${flags}`;

const ok = async () => new Response("fine");

describe("the server span", () => {
  test("continues the request's trace and returns its trace id", async () => {
    const { telemetry, spans } = recordingTelemetry();
    let received: unknown;
    await telemetry.serve(post("/query", { traceparent: traceparent("01") }), WARM, async (context) => {
      received = context;
      return new Response();
    });
    const span = spanNamed(await spans(), "POST /query");
    expect(span.parentSpanContext).toMatchObject({ ...PARENT, isRemote: true });
    expect(received).toMatchObject({
      traceId: PARENT.traceId,
      traceparent: `00-${PARENT.traceId}-${span.spanContext().spanId}-01`,
    });
  });

  test("is an error when the response failed after its status was sent, with error.type on the metric", async () => {
    const { telemetry, spans, metrics } = recordingTelemetry();
    await telemetry.serve(post("/query"), WARM, async ({ fail }) => {
      fail(new RagError("llm_generation", "broke off", { cause: Object.assign(new Error("x"), { code: "timeout" }) }));
      return new Response();
    });
    const span = spanNamed(await spans(), "POST /query");
    expect(span.status.code).toBe(SpanStatusCode.ERROR);
    expect(span.attributes).toMatchObject({ "error.type": "timeout", "http.response.status_code": 200 });
    expect(pointsOf(await metrics(), "http.server.request.duration")).toMatchObject([
      { attributes: { "error.type": "timeout", "http.response.status_code": 200 } },
    ]);
  });

  test("names the procedure that the request calls, and links the caller that the message names", async () => {
    const { telemetry, spans, metrics } = recordingTelemetry();
    const route = { route: "/mcp", coldStart: false };
    const headers = { traceparent: traceparent("01"), "mcp-protocol-version": "2025-11-25" };
    const other = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7" };
    await telemetry.serve(post("/mcp", headers), route, async ({ rpc }) => {
      rpc?.({ method: "tools/call", id: "7", tool: "ask", traceparent: `00-${other.traceId}-${other.spanId}-01` });
      return new Response();
    });
    await telemetry.serve(post("/mcp", { ...headers, "mcp-protocol-version": "x" }), route, async ({ rpc }) => {
      rpc?.({ method: "resources/read", resource: "rag://documents/a", traceparent: traceparent("01") });
      return new Response();
    });
    const [called, read] = (await spans()).filter(({ name }) => name === "POST /mcp");
    expect(called?.attributes).toMatchObject({
      "http.route": "/mcp",
      "mcp.method.name": "tools/call",
      "mcp.protocol.version": "2025-11-25",
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": "ask",
      "jsonrpc.request.id": "7",
    });
    expect(called?.links.map(({ context }) => context)).toMatchObject([other]);
    expect(read?.attributes).toMatchObject({
      "mcp.method.name": "resources/read",
      "mcp.resource.uri": "rag://documents/a",
    });
    expect(read?.attributes).not.toHaveProperty("mcp.protocol.version");
    // It is the parent.
    expect(read?.links).toEqual([]);
    expect(JSON.stringify(pointsOf(await metrics(), "http.server.request.duration"))).not.toContain("tools/call");
  });

  test("starts a trace when the header is malformed or not configured", async () => {
    const { telemetry } = recordingTelemetry();
    const deaf = recordingTelemetry({ propagators: [] }).telemetry;
    const traceIds: string[] = [];
    const respond = async ({ traceId }: { traceId: string }) => {
      traceIds.push(traceId);
      return new Response();
    };
    await telemetry.serve(post("/query", { traceparent: "00-zz-1-01" }), WARM, respond);
    await deaf.serve(post("/query", { traceparent: traceparent("01") }), WARM, respond);
    for (const traceId of traceIds) expect(traceId).toMatch(/^(?!0{32})(?!0af7651916cd43dd)[0-9a-f]{32}$/);
  });

  test("has no route and a low-cardinality name when no route matched", async () => {
    const { telemetry, spans, metrics } = recordingTelemetry();
    await telemetry.serve(post("/wp-admin"), { ...WARM, route: "" }, async () => new Response("", { status: 404 }));
    const span = spanNamed(await spans(), "POST");
    expect(span.attributes).not.toHaveProperty("http.route");
    expect(span.attributes["url.path"]).toBe("/wp-admin");
    expect(span.status.code).toBe(SpanStatusCode.UNSET);
    expect(pointsOf(await metrics(), "http.server.request.duration")).toMatchObject([
      { attributes: { "http.request.method": "POST", "http.response.status_code": 404 } },
    ]);
  });

  test("keeps unknown methods out of its name and the metric", async () => {
    const { telemetry, spans, metrics } = recordingTelemetry();
    await telemetry.serve(new Request("https://api.example/query", { method: "BREW" }), WARM, ok);
    expect(spanNamed(await spans(), "HTTP /query").attributes).toMatchObject({
      "http.request.method": "_OTHER",
      "http.request.method_original": "BREW",
    });
    expect(JSON.stringify(pointsOf(await metrics(), "http.server.request.duration"))).not.toContain("BREW");
  });

  test("is an error on a 5xx, with the status as error.type", async () => {
    const { telemetry, spans, metrics } = recordingTelemetry();
    await telemetry.serve(post("/query"), WARM, async () => new Response("", { status: 503 }));
    expect(spanNamed(await spans(), "POST /query")).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      attributes: { "error.type": "503", "http.response.status_code": 503 },
    });
    expect(pointsOf(await metrics(), "http.server.request.duration")).toMatchObject([
      { attributes: { "error.type": "503" } },
    ]);
  });

  test("ends and rethrows when the handler throws", async () => {
    const { telemetry, spans, metrics } = recordingTelemetry();
    const failure = new RangeError("lost");
    const served = telemetry.serve(post("/query"), WARM, async () => {
      throw failure;
    });
    await expect(served).rejects.toBe(failure);
    expect(spanNamed(await spans(), "POST /query").attributes["error.type"]).toBe("RangeError");
    expect(pointsOf(await metrics(), "http.server.request.duration")).toMatchObject([
      { attributes: { "error.type": "RangeError" } },
    ]);
  });

  test("has no attribute or metric of a function in a server, which nobody invokes", async () => {
    const { telemetry, spans, metrics } = recordingTelemetry();
    await telemetry.serve(post("/query"), { route: "/query" }, ok);
    const { attributes } = spanNamed(await spans(), "POST /query");
    expect(Object.keys(attributes).filter((name) => /^(?:faas|cloud)\./.test(name))).toEqual([]);
    expect(attributes).toMatchObject({ "http.route": "/query", "http.response.status_code": 200 });
    const recorded = await metrics();
    expect(pointsOf(recorded, "faas.coldstarts")).toEqual([]);
    expect(pointsOf(recorded, "http.server.request.duration")).toHaveLength(1);
  });

  test("counts a cold start on the first invocation only", async () => {
    const { telemetry, metrics } = recordingTelemetry();
    await telemetry.serve(post("/query"), INVOCATION, ok);
    await telemetry.serve(post("/query"), WARM, ok);
    expect(pointsOf(await metrics(), "faas.coldstarts")).toEqual([
      { attributes: { "faas.trigger": "http" }, value: 1 },
    ]);
  });
});

test("fifty concurrent requests keep their spans apart", async () => {
  const { telemetry, spans } = recordingTelemetry();
  const { answer } = tracedPipelines(telemetry, { delayMs: () => Math.random() * 20 });
  const traceIds = await Promise.all(
    Array.from({ length: 50 }, async (_, number) => {
      let received = "";
      await telemetry.serve(post(`/query/${number}`), WARM, async ({ traceId }) => {
        received = traceId;
        await answer({ question: "x".repeat(number + 1), topK: 1 });
        getTracer("mine").startSpan("mine").end();
        return new Response();
      });
      return received;
    }),
  );
  expect(new Set(traceIds).size).toBe(50);

  const all = await spans();
  expect(all).toHaveLength(50 * 7);
  for (const [number, traceId] of traceIds.entries()) {
    const own = all.filter((span) => span.spanContext().traceId === traceId);
    const server = spanNamed(own, "POST /query");
    const query = spanNamed(own, "rag.query");
    expect(server.attributes["url.path"]).toBe(`/query/${number}`);
    expect(query.parentSpanContext?.spanId).toBe(server.spanContext().spanId);
    expect(spanNamed(own, "mine").parentSpanContext?.spanId).toBe(server.spanContext().spanId);
    expect(query.attributes["query.length"]).toBe(number + 1);
    for (const stage of ["rag.embedding", "rag.vector_search", "rag.rerank", "rag.llm_generation"]) {
      expect(spanNamed(own, stage).parentSpanContext?.spanId).toBe(query.spanContext().spanId);
    }
    expect(spanNamed(own, "rag.embedding").attributes["text.length"]).toBe(number + 1);
  }
});

describe("sampling", () => {
  test.each<[SamplerName, number, "no parent" | "00" | "01", number]>([
    ["always_on", 1, "00", 1],
    ["always_off", 1, "01", 0],
    ["traceidratio", 0, "01", 0],
    ["traceidratio", 1, "00", 1],
    ["parentbased_always_on", 1, "no parent", 1],
    ["parentbased_always_on", 1, "00", 0],
    ["parentbased_always_off", 1, "no parent", 0],
    ["parentbased_always_off", 1, "01", 1],
    ["parentbased_traceidratio", 0, "no parent", 0],
    ["parentbased_traceidratio", 0, "01", 1],
    ["parentbased_traceidratio", 1, "no parent", 1],
  ])("%s with %d and parent %s keeps %d spans", async (sampler, samplerArg, parent, kept) => {
    const { telemetry, spans } = recordingTelemetry({ sampler, samplerArg });
    const headers = parent === "no parent" ? {} : { traceparent: traceparent(parent) };
    let received = "";
    await telemetry.serve(post("/query", headers), WARM, async (context) => {
      received = context.traceparent;
      return new Response();
    });
    expect(await spans()).toHaveLength(kept);
    expect(received).toMatch(new RegExp(`^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0${kept}$`));
  });

  test("with a ratio of one half records about half", async () => {
    const { telemetry, spans } = recordingTelemetry({ sampler: "traceidratio", samplerArg: 0.5 });
    for (let i = 0; i < 400; i++) await telemetry.serve(post("/query"), WARM, ok);
    const kept = (await spans()).length;
    expect(kept).toBeGreaterThan(130);
    expect(kept).toBeLessThan(270);
  });

  test("does not affect metrics", async () => {
    const { telemetry, metrics } = recordingTelemetry({ sampler: "always_off" });
    await tracedPipelines(telemetry).answer({ question: "Where?", topK: 1 });
    expect(pointsOf(await metrics(), "rag_query_duration_seconds")).toHaveLength(1);
  });
});

test("the propagator reads the configured headers", () => {
  const carrier = { traceparent: traceparent("01"), baggage: "tenant=a" };
  const read = (context: Context) => trace.getSpanContext(context)?.traceId;
  expect(read(createPropagator(["tracecontext"]).extract(ROOT_CONTEXT, carrier, getter))).toBe(PARENT.traceId);
  expect(read(createPropagator(["baggage"]).extract(ROOT_CONTEXT, carrier, getter))).toBeUndefined();
});

const getter = {
  keys: (carrier: Record<string, string>) => Object.keys(carrier),
  get: (carrier: Record<string, string>, key: string) => carrier[key],
};
