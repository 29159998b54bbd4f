import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import type { SpanExporter } from "@opentelemetry/sdk-trace-base";
import { describe, expect, test, vi } from "vitest";
import { getMeter, getTracer } from "#telemetry/index.ts";
import { accept, startCollector } from "../_collector.ts";
import { INVOCATION, post, telemetryWith, tracedPipelines } from "../_setup.ts";

const TO_COLLECTOR = { traces: "otlp", metrics: "otlp" } as const;

/** One recorded query, ready to be sent. */
async function recorded(settings: Parameters<typeof telemetryWith>[0]) {
  const telemetry = telemetryWith({ ...TO_COLLECTOR, ...settings });
  await query(telemetry);
  return telemetry;
}

async function query(telemetry: ReturnType<typeof telemetryWith>): Promise<void> {
  const { answer } = tracedPipelines(telemetry);
  await telemetry.serve(post("/query"), INVOCATION, async () =>
    Response.json(await answer({ question: "Where?", topK: 1 })),
  );
}

describe("a flush", () => {
  test("sends spans and delta metrics as OTLP/HTTP JSON, with the headers", async () => {
    const { url, received } = await startCollector();
    const telemetry = await recorded({ endpoint: `${url}/`, headers: { authorization: "Bearer token" } });
    expect(received).toEqual([]);
    expect(await telemetry.flush(2_000)).toEqual({ ok: true, errors: [] });

    expect(received.map(({ path }) => path).sort()).toEqual(["/v1/metrics", "/v1/traces"]);
    for (const { headers } of received) {
      expect(headers).toMatchObject({ "content-type": "application/json", authorization: "Bearer token" });
    }
    const traces = JSON.parse(received.find(({ path }) => path === "/v1/traces")?.text ?? "");
    const spans = traces.resourceSpans[0].scopeSpans[0].spans as { name: string; traceId: string }[];
    expect(spans.map(({ name }) => name)).toContain("rag.llm_generation");
    for (const { traceId } of spans) expect(traceId).toMatch(/^[0-9a-f]{32}$/);

    const DELTA = 1;
    const metrics = received.filter(({ path }) => path === "/v1/metrics").flatMap(({ text }) => metricsIn(text));
    expect(metrics).not.toEqual([]);
    for (const metric of metrics) {
      expect((metric.sum ?? metric.histogram)?.aggregationTemporality).toBe(DELTA);
    }
  });

  test("sends each signal to its own endpoint, used as it is", async () => {
    const { url, received } = await startCollector();
    const endpoints = { tracesEndpoint: `${url}/t?x=1`, metricsEndpoint: `${url}/m` };
    const telemetry = await recorded({ endpoint: "http://127.0.0.1:9", ...endpoints });
    expect(await telemetry.flush(2_000)).toMatchObject({ ok: true });
    expect(received.map(({ path }) => path).sort()).toEqual(["/m", "/t?x=1"]);
  });

  test("sends traces and metrics in parallel", async () => {
    const waiting: (() => void)[] = [];
    const { url } = await startCollector((response) => {
      waiting.push(() => response.writeHead(200).end("{}"));
      if (waiting.length === 2) for (const answer of waiting) answer();
    });
    const telemetry = await recorded({ endpoint: url });
    expect(await telemetry.flush(2_000)).toEqual({ ok: true, errors: [] });
  });

  test("compresses with OTEL_EXPORTER_OTLP_COMPRESSION=gzip", async () => {
    const { url, received } = await startCollector();
    const telemetry = await recorded({ endpoint: url, compression: "gzip" });
    await telemetry.flush(2_000);
    expect(received).toHaveLength(2);
    for (const { headers, text } of received) {
      expect(headers["content-encoding"]).toBe("gzip");
      expect(text).toContain("edge-rag-test");
    }
  });

  test("with nothing recorded sends the metrics about the previous flush, and then nothing", async () => {
    const { url, received } = await startCollector();
    const telemetry = await recorded({ endpoint: url });
    await telemetry.flush(2_000);
    await telemetry.flush(2_000);
    expect(received.map(({ path }) => path).sort()).toEqual(["/v1/metrics", "/v1/metrics", "/v1/traces"]);
    for (let i = 0; i < 3; i++) await telemetry.flush(2_000);
    expect(received).toHaveLength(3);
  });

  test("sends only the signals that are exported", async () => {
    const { url, received } = await startCollector();
    const telemetry = await recorded({ endpoint: url, metrics: "none" });
    expect(await telemetry.flush(2_000)).toEqual({ ok: true, errors: [] });
    expect(received.map(({ path }) => path)).toEqual(["/v1/traces"]);
  });

  test("of concurrent invocations waits until everything recorded before it was exported, in one more export", async () => {
    const waiting: (() => void)[] = [];
    const collector = await startCollector((response) => waiting.push(() => accept(response)));
    const telemetry = await recorded({ endpoint: collector.url });
    const flushes = [telemetry.flush(10_000)];
    await vi.waitFor(() => expect(waiting).toHaveLength(2));
    for (let i = 0; i < 40; i++) {
      await query(telemetry);
      flushes.push(telemetry.flush(10_000));
    }
    for (const answer of waiting.splice(0)) answer();
    await flushes[0];
    await vi.waitFor(() => expect(waiting).toHaveLength(2));
    for (const answer of waiting) answer();
    for (const flushed of flushes) expect(await flushed).toEqual({ ok: true, errors: [] });

    const all = collector.received.map(({ text }) => text).join("");
    expect(all.match(/"rag\.query"/g)).toHaveLength(41);
    expect(counted(collector.received, "faas.coldstarts")).toBe(41);
    expect(collector.received).toHaveLength(4);
  });

  test("exports everything recorded before it, more than a batch of spans too", async () => {
    const { url, received } = await startCollector((response) => {
      setTimeout(() => response.writeHead(200).end("{}"), 100);
    });
    const telemetry = telemetryWith({ ...TO_COLLECTOR, metrics: "none", endpoint: url });
    const chunker = telemetry.trace.chunker({ settings: "", chunk: () => [] });
    for (let i = 0; i < 2_048; i++) for await (const _ of chunker.chunk(""));
    expect(await telemetry.flush(5_000)).toEqual({ ok: true, errors: [] });
    expect(received).toHaveLength(1);
    expect(received[0]?.text.match(/"rag\.chunk"/g)).toHaveLength(2_048);
  });
});

describe("a collector that fails costs no more than the budget", () => {
  test("when it never responds", async () => {
    await import("#telemetry/export/signals.ts"); // what sends is loaded by the first flush, out of its budget
    const { url } = await startCollector(() => {});
    const telemetry = await recorded({ endpoint: url, timeoutMs: 600_000 });
    const result = await telemetry.flush(200);
    const late = (signal: string) => expect.stringMatching(`^${signal}: timed out after (?:1\\d\\d|200) ms$`);
    expect(result).toEqual({ ok: false, errors: [late("traces"), late("metrics")] });
  });

  test("when it never responded to an earlier flush either", async () => {
    const { url } = await startCollector(() => {});
    const telemetry = await recorded({ endpoint: url });
    await telemetry.flush(50);
    await query(telemetry);
    const result = await Promise.all([telemetry.flush(100), telemetry.flush(100)]);
    expect(result.map(({ ok }) => ok)).toEqual([false, false]);
  });

  test("when it refuses connections", async () => {
    const telemetry = await recorded({ endpoint: "http://127.0.0.1:1", timeoutMs: 300 });
    const result = await telemetry.flush(1_500);
    expect(result).toEqual({ ok: false, errors: ["traces: ECONNREFUSED", "metrics: ECONNREFUSED"] });
  });

  test("when it responds with 500, without repeating the response's text", async () => {
    const secret = "Bearer very-secret";
    const { url } = await startCollector((response) => response.writeHead(500, secret).end(secret));
    const telemetry = await recorded({ endpoint: url, headers: { authorization: secret } });
    const result = await telemetry.flush(1_500);
    expect(result).toEqual({ ok: false, errors: ["traces: HTTP 500", "metrics: HTTP 500"] });
  });

  test("when its Retry-After exceeds the budget", async () => {
    const { url } = await startCollector((response) => response.writeHead(503, { "retry-after": "60" }).end());
    const telemetry = await recorded({ endpoint: url });
    const result = await telemetry.flush(1_500);
    expect(result.ok).toBe(false);
    expect(result.errors).toHaveLength(2);
  });

  test("when only one signal fails, the other arrives", async () => {
    const { url, received } = await startCollector();
    const telemetry = await recorded({ endpoint: url, tracesEndpoint: "http://127.0.0.1:1/v1/traces", timeoutMs: 300 });
    expect(await telemetry.flush(1_500)).toEqual({ ok: false, errors: ["traces: ECONNREFUSED"] });
    expect(received.map(({ path }) => path)).toEqual(["/v1/metrics"]);
  });

  test("and every flush that waited for a failed export reports a failure", async () => {
    const waiting: (() => void)[] = [];
    const { url } = await startCollector((response) => waiting.push(() => response.writeHead(503).end()));
    const telemetry = await recorded({ endpoint: url });
    const first = telemetry.flush(10_000);
    await vi.waitFor(() => expect(waiting).toHaveLength(2));
    await query(telemetry);
    const others = [telemetry.flush(10_000), telemetry.flush(10_000)];
    for (const answer of waiting) answer();
    expect(await first).toEqual({ ok: false, errors: ["traces: HTTP 503", "metrics: HTTP 503"] });
    for (const flushed of others) {
      expect(await flushed).toEqual({ ok: false, errors: ["traces: circuit open", "metrics: circuit open"] });
    }
  });

  test("and an exporter that never calls back times out", async () => {
    const silent = { export: () => {}, shutdown: async () => {} };
    const telemetry = await recorded({ timeoutMs: 50, metrics: "none", exporters: { span: silent } });
    expect(await telemetry.flush(5_000)).toEqual({ ok: false, errors: ["traces: timeout"] });
  });

  test("and an exporter that throws counts as a failure", async () => {
    const broken = {
      export() {
        throw new RangeError("broken");
      },
      shutdown: async () => {},
    };
    const telemetry = await recorded({ metrics: "none", exporters: { span: broken } });
    expect(await telemetry.flush(1_000)).toEqual({ ok: false, errors: ["traces: RangeError"] });
    expect(telemetry.state()).toMatchObject({ exported: 0, retained: 0, dropped: 6 });
  });

  test("and an exporter that reports failure counts as one", async () => {
    const error = Object.assign(new Error("disk full"), { code: "ENOSPC" });
    const failing = {
      export: (_: unknown, done: (result: ExportResult) => void) => done({ code: ExportResultCode.FAILED, error }),
      shutdown: async () => {},
    };
    const telemetry = await recorded({ metrics: "none", exporters: { span: failing } });
    expect(await telemetry.flush(1_000)).toEqual({ ok: false, errors: ["traces: ENOSPC"] });
    expect(telemetry.state()).toMatchObject({ exported: 0, dropped: 6 });
  });

  test("and a metric whose callback never returns does not delay the others", async () => {
    const { url, received } = await startCollector();
    const telemetry = telemetryWith({ ...TO_COLLECTOR, endpoint: url });
    getMeter("mine")
      .createObservableGauge("stuck")
      .addCallback(() => new Promise(() => {}));
    await query(telemetry);
    expect(await telemetry.flush(2_000)).toEqual({ ok: true, errors: [] });
    expect(counted(received, "faas.coldstarts")).toBe(1);
  });

  test("and a shutdown settles within its budget too", async () => {
    const { url } = await startCollector(() => {});
    // Longer than the test may take.
    const telemetry = await recorded({ endpoint: url, timeoutMs: 600_000 });
    await telemetry.shutdown(100);
    expect(telemetry.state()).toMatchObject({ exported: 0 });
  });
});

test("shutdown sends what was recorded", async () => {
  const { url, received } = await startCollector();
  const telemetry = await recorded({ endpoint: url });
  await telemetry.shutdown();
  expect(received.map(({ path }) => path).sort()).toEqual(["/v1/metrics", "/v1/traces"]);
});

test("exporting creates no spans, even when HTTP clients are instrumented", async () => {
  const names: string[] = [];
  const tracing: SpanExporter = {
    export(spans, done) {
      names.push(...spans.map(({ name }) => name));
      getTracer("http").startSpan("POST").end();
      done({ code: ExportResultCode.SUCCESS });
    },
    shutdown: async () => {},
  };
  const telemetry = await recorded({ metrics: "none", exporters: { span: tracing } });
  await telemetry.flush(1_000);
  await telemetry.flush(1_000);
  expect(names).toContain("rag.query");
  expect(names).not.toContain("POST");
});

test("the console exporters print spans and metrics", async () => {
  const dir = vi.spyOn(console, "dir").mockImplementation(() => {});
  const telemetry = await recorded({ traces: "console", metrics: "console" });
  expect(await telemetry.flush(1_000)).toEqual({ ok: true, errors: [] });
  const printed = JSON.stringify(dir.mock.calls);
  dir.mockRestore();
  expect(printed).toContain('"name":"rag.query"');
  expect(printed).toContain('"name":"rag_query_duration_seconds"');
});

test("an endpoint that is not a URL is rejected at start", () => {
  expect(() => telemetryWith({ ...TO_COLLECTOR, endpoint: "collector" })).toThrow(TypeError);
});

/** The metrics of a request, of every scope. */
function metricsIn(text: string): Record<string, { aggregationTemporality: number; dataPoints: unknown[] }>[] {
  return JSON.parse(text)
    .resourceMetrics.flatMap((resource: { scopeMetrics: unknown[] }) => resource.scopeMetrics)
    .flatMap((scope: { metrics: unknown[] }) => scope.metrics);
}

/** The sum of a counter's increments over all requests. */
function counted(received: readonly { path: string; text: string }[], name: string): number {
  return received
    .filter(({ path }) => path === "/v1/metrics")
    .flatMap(({ text }) => metricsIn(text))
    .filter((metric) => (metric.name as unknown) === name)
    .flatMap((metric) => metric.sum?.dataPoints ?? [])
    .reduce((sum: number, point) => {
      const { asDouble, asInt } = point as { asDouble?: number; asInt?: number };
      return sum + Number(asDouble ?? asInt);
    }, 0);
}
