import { trace } from "@opentelemetry/api";
import { describe, expect, test } from "vitest";
import { noTelemetry } from "#compose/no-telemetry.ts";
import type { Edge, Invocation, TelemetrySettings } from "#telemetry/index.ts";
import { parseXrayHeader } from "#telemetry/xray/trace-header.ts";
import { startCollector } from "../_collector.ts";
import { pointsOf, post, recordingTelemetry, spanNamed, tracedPipelines } from "../_setup.ts";

const CALLER = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };
const headersOf = (flags: "00" | "01") => ({
  traceparent: `00-${CALLER.traceId}-${CALLER.spanId}-${flags}`,
  tracestate: "vendor=1",
  baggage: "tenant=a",
});
const WARM: Invocation = { route: "/query", coldStart: false };
const QUESTION = { question: "Where is the lamp?", topK: 1 };

async function serverSpan(
  settings: Partial<TelemetrySettings>,
  headers: Record<string, string>,
  invocation: Partial<Invocation> = {},
) {
  const { telemetry, spans } = recordingTelemetry(settings);
  await telemetry.serve(post("/query", headers), { ...WARM, ...invocation }, async () => new Response());
  return spanNamed(await spans(), "POST /query");
}

describe("behind an internal edge", () => {
  test("the caller's span is the parent and is not linked", async () => {
    const span = await serverSpan({}, headersOf("01"));
    expect(span.parentSpanContext).toMatchObject(CALLER);
    expect(span.links).toEqual([]);
  });

  test("a caller that does not sample disables the whole trace, downstream too, but no metric", async () => {
    const api = await startCollector();
    const propagateTo = [new URL(api.url).host];
    const { telemetry, spans, metrics } = recordingTelemetry({ propagateTo });
    const { answer } = tracedPipelines(telemetry);
    await telemetry.serve(post("/query", headersOf("00")), WARM, async () => {
      await telemetry.fetch(api.url, { redirect: "error" });
      return Response.json(await answer(QUESTION));
    });
    expect(await spans()).toEqual([]);
    expect(api.received[0]?.headers.traceparent).toMatch(new RegExp(`^00-${CALLER.traceId}-[0-9a-f]{16}-00$`));
    expect(pointsOf(await metrics(), "rag_query_duration_seconds")).toHaveLength(1);
    expect(pointsOf(await metrics(), "http.server.request.duration")).toHaveLength(1);
  });

  test("a caller that samples records the whole trace, whatever the ratio", async () => {
    const { telemetry, spans } = recordingTelemetry({ sampler: "parentbased_traceidratio", samplerArg: 0 });
    const { answer } = tracedPipelines(telemetry);
    const respond = async () => Response.json(await answer(QUESTION));
    await telemetry.serve(post("/query", headersOf("01")), WARM, respond);
    expect(await spans()).toHaveLength(6);
    await telemetry.serve(post("/query"), WARM, respond);
    expect(await spans()).toHaveLength(6);
  });
});

describe("at a public edge", () => {
  const PUBLIC = { edge: "public" } as const;

  test("a request starts a trace, and links the caller's span by its ids alone", async () => {
    const span = await serverSpan(PUBLIC, headersOf("01"));
    expect(span.parentSpanContext).toBeUndefined();
    expect(span.spanContext().traceId).not.toBe(CALLER.traceId);
    expect(span.links.map(({ context }) => context)).toEqual([{ ...CALLER, traceFlags: 1, isRemote: true }]);
  });

  test.each(["00", "01"] as const)("a caller does not decide sampling: flags %s", async (flags) => {
    expect((await serverSpan(PUBLIC, headersOf(flags))).links[0]?.context.traceFlags).toBe(Number(flags));
    const { telemetry, spans } = recordingTelemetry({ ...PUBLIC, sampler: "parentbased_always_off" });
    await telemetry.serve(post("/query", headersOf(flags)), WARM, async () => new Response());
    expect(await spans()).toEqual([]);
  });

  test("a caller's baggage and trace state are not propagated", async () => {
    const api = await startCollector();
    const { telemetry } = recordingTelemetry({ ...PUBLIC, propagateTo: [new URL(api.url).host] });
    await telemetry.serve(post("/query", headersOf("01")), WARM, async () => {
      await telemetry.fetch(api.url, { redirect: "error" });
      return new Response();
    });
    expect(api.received[0]?.headers.traceparent).not.toContain(CALLER.traceId);
    for (const name of ["baggage", "tracestate"]) expect(api.received[0]?.headers).not.toHaveProperty(name);
  });

  test.each([{}, { traceparent: "00-zz-1-01" }])(
    "a request without a caller's span links none: %j",
    async (headers) => {
      expect((await serverSpan(PUBLIC, headers)).links).toEqual([]);
    },
  );

  test("spans started inside are children of it", async () => {
    const { telemetry } = recordingTelemetry(PUBLIC);
    await telemetry.serve(post("/query", headersOf("01")), WARM, async ({ traceId }) => {
      expect(trace.getActiveSpan()?.spanContext().traceId).toBe(traceId);
      return new Response();
    });
  });

  test("a response's trace id is not the caller's without telemetry either", async () => {
    const idOf = (edge: Edge) =>
      noTelemetry(edge).serve(post("/query", headersOf("01")), WARM, async ({ traceId }) => new Response(traceId));
    expect(await (await idOf("internal")).text()).toBe(CALLER.traceId);
    expect(await (await idOf("public")).text()).toMatch(/^(?!0af76519)[0-9a-f]{32}$/);
  });
});

const ROOT = "1-5759e988-bd862e3fe1be46a994272793";
const XRAY = { traceId: "5759e988bd862e3fe1be46a994272793", spanId: "53995c3f42cd8ad8" };

describe("an invocation's X-Ray trace", () => {
  test.each([0, 1])("is linked and recorded, never the parent: Sampled=%d", async (sampled) => {
    const xrayTraceHeader = `Root=${ROOT};Parent=${XRAY.spanId};Sampled=${sampled};Lineage=1:a:0`;
    const span = await serverSpan({ xray: true }, {}, { xrayTraceHeader });
    expect(span.parentSpanContext).toBeUndefined();
    expect(span.links).toEqual([{ context: { ...XRAY, traceFlags: sampled, isRemote: true } }]);
    expect(span.attributes["aws.xray.trace_id"]).toBe(ROOT);
    expect(span.spanContext()).toMatchObject({ traceFlags: 1, traceId: expect.not.stringContaining(XRAY.traceId) });
  });

  test("is linked in addition to the caller's parent or link", async () => {
    const xrayTraceHeader = `Root=${ROOT};Parent=${XRAY.spanId};Sampled=0`;
    const internal = await serverSpan({ xray: true }, headersOf("01"), { xrayTraceHeader });
    expect(internal.parentSpanContext).toMatchObject(CALLER);
    expect(internal.links.map(({ context }) => context.traceId)).toEqual([XRAY.traceId]);
    const open = await serverSpan({ xray: true, edge: "public" }, headersOf("01"), { xrayTraceHeader });
    expect(open.links.map(({ context }) => context.traceId)).toEqual([CALLER.traceId, XRAY.traceId]);
  });

  test("is ignored when X-Ray is off or its header is invalid", async () => {
    const header = `Root=${ROOT};Parent=${XRAY.spanId};Sampled=1`;
    const off = await serverSpan({ xray: false }, {}, { xrayTraceHeader: header });
    const odd = await serverSpan({ xray: true }, {}, { xrayTraceHeader: "Self=1" });
    const absent = await serverSpan({ xray: true }, {});
    for (const { links, attributes } of [off, odd, absent]) {
      expect(links).toEqual([]);
      expect(attributes).not.toHaveProperty("aws.xray.trace_id");
    }
  });
});

test.each<[string, string, ReturnType<typeof parseXrayHeader>]>([
  [
    "in any order and with spaces",
    ` Sampled=1; Parent=${XRAY.spanId} ;Root=${ROOT}`,
    { root: ROOT, sampled: true, spanContext: { ...XRAY, traceFlags: 1, isRemote: true } },
  ],
  ["without a parent", `Root=${ROOT};Sampled=1`, { root: ROOT, sampled: true }],
  ["with a parent that is none", `Root=${ROOT};Parent=${"0".repeat(16)}`, { root: ROOT, sampled: false }],
  ["that leaves the decision open", `Root=${ROOT};Sampled=?`, { root: ROOT, sampled: false }],
  ["in capitals", `Root=${ROOT.toUpperCase()}`, { root: ROOT, sampled: false }],
  ["of another version", `Root=2${ROOT.slice(1)}`, undefined],
  ["too short", `Root=${ROOT.slice(0, -1)}`, undefined],
  ["that is empty", "", undefined],
  ["that is nonsense", "a;b=;=c;Root", undefined],
])("an X-Ray header is read %s", (_, header, expected) => {
  expect(parseXrayHeader(header)).toEqual(expected);
});
