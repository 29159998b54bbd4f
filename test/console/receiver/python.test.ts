import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, it } from "vitest";
import type { OtlpMetric } from "#console/receiver/payload.ts";
import { createTraceStore } from "#console/telemetry/traces/store.ts";
import { virtualEnvironment } from "../../support/python/environment.ts";
import { type Recording, startRecording } from "./_receiver.ts";

const PROGRAM = join(import.meta.dirname, "send_telemetry.py");
/** Several batches. */
const MANY = 450;

let python: string;
beforeAll(() => {
  python = join(virtualEnvironment("opentelemetry"), "python");
});

/** @returns the id of the trace, and what the SDK has logged */
async function send({ url }: Recording, settings: Record<string, string>) {
  const env = { PATH: process.env.PATH, OTEL_EXPORTER_OTLP_ENDPOINT: url, ...settings };
  const { stdout, stderr } = await promisify(execFile)(python, [PROGRAM, String(MANY)], { env, timeout: 60_000 });
  return { traceId: stdout.trim(), logged: stderr };
}

it.each(["none", "gzip", "deflate"])(
  "takes what the official Python SDK sends, compressed with %s",
  async (compression) => {
    const recording = await startRecording();
    const { traceId, logged } = await send(recording, { OTEL_EXPORTER_OTLP_COMPRESSION: compression });
    expect(logged).toBe("");

    const store = createTraceStore();
    store.add(recording);
    const trace = await store.get(traceId);
    const [root, child] = trace?.tree ?? [];
    expect(trace).toMatchObject({ name: "root", service: "python", spans: MANY + 2, failed: false });
    expect(trace?.resources.python).toMatchObject({ "service.version": "1.2", "telemetry.sdk.language": "python" });
    expect(root).toMatchObject({ kind: "server", status: "ok", start_ms: 0, duration_ms: 3 });
    expect(root?.attributes).toEqual({
      ...{ text: "Grüße, 世界 🌍", empty: "", yes: true, no: false, zero: 0, negative: -5, big: String(2n ** 62n) },
      ...{ double: 1.5, whole: 2, texts: ["a", "b"], numbers: [1, 2, 3], flags: [true, false], doubles: [0.5, 1] },
    });
    const linked = recording.spans.find(({ name }) => name === "linked");
    expect(root?.links).toEqual([{ trace_id: linked?.traceId, span_id: linked?.spanId }]);
    expect(child).toMatchObject({
      ...{ name: "child", kind: "client", status: "error", message: "it failed" },
      ...{ parent_id: root?.span_id, start_ms: 1, duration_ms: 1 },
      events: [
        { name: "retry", at_ms: 1.5, attributes: { attempt: 2 } },
        { name: "exception", attributes: { "exception.type": "ValueError", "exception.message": "no such thing" } },
      ],
    });
    expect(recording.spans.find(({ name }) => name === "root")?.startTimeUnixNano).toBe(1_700_000_000_123_456_789n);
    const many = recording.spans.filter(({ name }) => name.startsWith("many-"));
    expect(new Set(many.map(({ name }) => name)).size).toBe(MANY);
    expect(many).toHaveLength(MANY);
    checkMetrics(recording.metrics);
  },
);

/** A metric of every kind of instrument. */
function checkMetrics(received: readonly OtlpMetric[]): void {
  // The SDK exports once more when it is shut down.
  const metrics = Object.fromEntries(received.map((metric) => [metric.name, metric]));
  const sum = (value: number, isMonotonic: boolean) => ({
    ...{ type: "sum", temporality: "cumulative", isMonotonic, dataPoints: [{ value }] },
  });
  expect(metrics).toMatchObject({
    counter: { ...sum(3, true), unit: "{call}", description: "Calls.", scope: { name: "judge", version: "3.4" } },
    up_down: sum(-2, false),
    gauge: { type: "gauge", dataPoints: [{ value: 1.25 }] },
    histogram: {
      ...{ type: "histogram", temporality: "cumulative" },
      dataPoints: [{ count: 3, sum: 55.5, min: 0.5, max: 50, bucketCounts: [1, 1, 1], explicitBounds: [1, 10] }],
    },
    exponential: { type: "exponentialHistogram", dataPoints: [{ count: 4, sum: 7, zeroCount: 1, min: 0, max: 4 }] },
    observed_counter: sum(7, true),
    observed_up_down: sum(-7, false),
    observed_gauge: { type: "gauge", dataPoints: [{ value: 0.5, attributes: { cpu: 0 } }] },
  });
  const { exponential } = metrics;
  const [point] = exponential?.type === "exponentialHistogram" ? exponential.dataPoints : [];
  expect(point?.positive.bucketCounts.reduce((total, count) => total + count, 0)).toBe(3);
}
