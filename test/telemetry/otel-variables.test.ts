import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { exported, exportingTo, type Json, record, requestTo, spanIn, startReceiver } from "./_otlp.ts";

const keysOf = (attributes: Json) => attributes.map(({ key }: Json) => key);

it.each<[env: Record<string, string>, effect: (span: Json) => void]>([
  [
    {},
    (span) => expect([span.attributes, span.events, span.links].map(({ length }: Json) => length)).toEqual([3, 3, 3]),
  ],
  [{ OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: "4" }, (span) => expect(span.attributes[0].value.stringValue).toBe("1234")],
  [
    { OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: "5", OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: "4" },
    (span) => expect(span.attributes[0].value.stringValue).toBe("12345"),
  ],
  [
    { OTEL_ATTRIBUTE_COUNT_LIMIT: "1" },
    (span) => {
      expect(keysOf(span.attributes)).toEqual(["first"]);
      expect(span.droppedAttributesCount).toBe(2);
    },
  ],
  [
    { OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: "2", OTEL_ATTRIBUTE_COUNT_LIMIT: "1" },
    (span) => expect(keysOf(span.attributes)).toEqual(["first", "second"]),
  ],
  [
    { OTEL_SPAN_EVENT_COUNT_LIMIT: "2" },
    (span) => {
      expect(span.events).toHaveLength(2);
      expect(span.droppedEventsCount).toBe(1);
    },
  ],
  [
    { OTEL_SPAN_LINK_COUNT_LIMIT: "1" },
    (span) => {
      expect(span.links).toHaveLength(1);
      expect(span.droppedLinksCount).toBe(2);
    },
  ],
  [{ OTEL_SPAN_EVENT_COUNT_LIMIT: "0" }, (span) => expect(span.events ?? []).toEqual([])],
  [{ OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: "1" }, (span) => expect(keysOf(span.events[0].attributes)).toEqual(["a"])],
  [{ OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: "2" }, (span) => expect(keysOf(span.links[0].attributes)).toEqual(["a", "b"])],
])("limits of spans: %j", async (env, effect) => {
  effect(spanIn(await exported({ ...env, OTEL_METRICS_EXPORTER: "none" })));
});

it("OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES name the resource of both signals", async () => {
  const env = { OTEL_SERVICE_NAME: "docs", OTEL_RESOURCE_ATTRIBUTES: "service.name=other,team=a%20b" };
  const requests = await exported(env);
  for (const [path, field] of [
    ["/v1/traces", "resourceSpans"],
    ["/v1/metrics", "resourceMetrics"],
  ] as const) {
    const { attributes } = JSON.parse(requestTo(requests, path).body.toString())[field][0].resource;
    const values = Object.fromEntries(attributes.map(({ key, value }: Json) => [key, value.stringValue]));
    expect(values).toMatchObject({ "service.name": "docs", team: "a b" });
  }
});

it.each([
  [{ OTEL_TRACES_EXPORTER: "none" }, ["/v1/metrics"]],
  [{ OTEL_METRICS_EXPORTER: "none" }, ["/v1/traces"]],
  [{ OTEL_TRACES_SAMPLER: "always_off" }, ["/v1/metrics"]],
  [{ OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "0" }, ["/v1/metrics"]],
])("with %j, only %j is sent", async (env, paths) => {
  expect((await exported(env)).map(({ path }) => path)).toEqual(paths);
});

it.each([
  ["tracecontext", true],
  ["baggage", false],
  ["none", false],
])("OTEL_PROPAGATORS=%s: the caller's trace is continued: %s", async (OTEL_PROPAGATORS, continued) => {
  const receiver = await startReceiver();
  const { telemetry } = exportingTo(receiver, { OTEL_PROPAGATORS });
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
  const request = new Request("https://api.example/query", {
    method: "POST",
    headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
  });
  let seen: string | undefined;
  await telemetry.serve(request, { route: "/query", requestId: "1", coldStart: false }, async (trace) => {
    seen = trace.traceId;
    return new Response();
  });
  expect(seen === traceId).toBe(continued);
});

it.each(["OTEL_SDK_DISABLED=true", "OTEL_ENABLED=false"])(
  "with %s nothing is sent, and no telemetry code is loaded",
  async (setting) => {
    const receiver = await startReceiver();
    const [name = "", value = ""] = setting.split("=");
    const script = `
    const { createRequire } = await import("node:module");
    const { readConfig } = await import("#config/env.ts");
    const { createParts } = await import("#compose/parts.ts");
    const parts = await createParts(readConfig());
    await parts.server.serve(new Request("http://localhost/health"), { route: "/health", requestId: "1", coldStart: true }, async () => new Response());
    const loaded = Object.keys(createRequire(import.meta.url).cache).filter((path) => path.includes("@opentelemetry"));
    process.stdout.write(JSON.stringify(loaded));
    process.exit(0);`;
    const env = { ...process.env, [name]: value, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
      env,
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toEqual([]);
    record();
    expect(receiver.requests).toEqual([]);
  },
);
