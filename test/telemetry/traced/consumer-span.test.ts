import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { describe, expect, test } from "vitest";
import type { TelemetrySettings } from "#telemetry/index.ts";
import {
  histogramNamed,
  INVOCATION,
  pointsOf,
  post,
  recordingTelemetry,
  spanNamed,
  tracedPipelines,
} from "../_setup.ts";

const SENDER = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };
const MESSAGE = {
  ...{ id: "m-1", system: "aws.sqs", queue: "edge-rag-dev-ingest" },
  traceparent: `00-${SENDER.traceId}-${SENDER.spanId}-00`,
};
const { route: _route, ...FUNCTION } = INVOCATION;
const WARM = { coldStart: false };
const QUEUE = {
  "messaging.system.name": "aws.sqs",
  "messaging.operation.name": "process",
  "messaging.destination.name": "edge-rag-dev-ingest",
};

function recording(settings: Partial<TelemetrySettings> = {}) {
  const recorded = recordingTelemetry(settings);
  return { ...recorded, consume: recorded.telemetry.consume };
}

describe("the consumer span", () => {
  test("starts its own trace, linked to the sender's, with the ingest below it", async () => {
    const { consume, telemetry, spans } = recording();
    const { ingest } = tracedPipelines(telemetry);
    let received = "";
    await consume(MESSAGE, FUNCTION, async ({ traceId }) => {
      received = traceId;
      await ingest([{ id: "a", text: "A" }]);
    });
    const all = await spans();
    const span = spanNamed(all, "process edge-rag-dev-ingest");
    expect(span.kind).toBe(SpanKind.CONSUMER);
    expect(span.parentSpanContext).toBeUndefined();
    expect(span.links.map(({ context }) => context)).toMatchObject([SENDER]);
    expect(span.spanContext().traceId).toBe(received);
    expect(received).not.toBe(SENDER.traceId);
    expect(span.attributes).toEqual({
      ...QUEUE,
      "messaging.operation.type": "process",
      "messaging.message.id": "m-1",
      "openinference.span.kind": "CHAIN",
      "faas.trigger": "pubsub",
      "faas.coldstart": true,
      "faas.invocation.id": "request-1",
      "cloud.resource_id": INVOCATION.resourceId,
    });
    expect(spanNamed(all, "rag.ingest").parentSpanContext?.spanId).toBe(span.spanContext().spanId);
  });

  test("starts its own trace even inside another span", async () => {
    const { consume, telemetry, spans } = recording();
    await telemetry.serve(post("/embed"), { ...WARM, route: "/embed" }, async () => {
      await consume(MESSAGE, WARM, async () => {});
      return new Response();
    });
    expect(spanNamed(await spans(), "process edge-rag-dev-ingest").parentSpanContext).toBeUndefined();
  });

  test.each([undefined, "", "nonsense", "00-zz-1-01", "\u2713"])(
    "has no link for the traceparent %j",
    async (traceparent) => {
      const { consume, spans } = recording();
      const { traceparent: _, ...message } = MESSAGE;
      await consume({ ...message, ...(traceparent !== undefined && { traceparent }) }, WARM, async () => {});
      expect(spanNamed(await spans(), "process edge-rag-dev-ingest").links).toEqual([]);
    },
  );

  test("links X-Ray's trace too, and records its id", async () => {
    const { consume, spans } = recording({ xray: true });
    const xrayTraceHeader = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0";
    await consume(MESSAGE, { ...WARM, xrayTraceHeader }, async () => {});
    const { links, attributes } = spanNamed(await spans(), "process edge-rag-dev-ingest");
    expect(links.map(({ context }) => context.spanId)).toEqual([SENDER.spanId, "53995c3f42cd8ad8"]);
    expect(attributes["aws.xray.trace_id"]).toBe("1-5759e988-bd862e3fe1be46a994272793");
  });

  test("is an error when the message fails, and rethrows", async () => {
    const { consume, spans, metrics } = recording();
    const failure = Object.assign(new Error("x"), { code: "invalid_message" });
    const consumed = consume(MESSAGE, WARM, () => Promise.reject(failure));
    await expect(consumed).rejects.toBe(failure);
    const { status, attributes } = spanNamed(await spans(), "process edge-rag-dev-ingest");
    expect(status.code).toBe(SpanStatusCode.ERROR);
    expect(attributes["error.type"]).toBe("invalid_message");
    const failed = { attributes: { ...QUEUE, "error.type": "invalid_message" } };
    expect(pointsOf(await metrics(), "messaging.process.duration")).toMatchObject([failed]);
  });

  test("ends open spans below it at the deadline", async () => {
    const { consume, telemetry, spans, metrics } = recording();
    const { ingest } = tracedPipelines(telemetry, { delayMs: () => 200 });
    const consumed = consume(MESSAGE, WARM, async ({ expire }) => {
      void ingest([{ id: "a", text: "A" }]);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expire();
      throw Object.assign(new Error("late"), { code: "deadline" });
    });
    await expect(consumed).rejects.toThrow("late");
    expect(spanNamed(await spans(), "rag.ingest").attributes["error.type"]).toBe("deadline");
    expect(pointsOf(await metrics(), "faas.timeouts")).toEqual([
      { attributes: { "faas.trigger": "pubsub" }, value: 1 },
    ]);
  });
});

test("messages are counted in messaging metrics and not in those of requests", async () => {
  const { consume, metrics } = recording();
  await consume(MESSAGE, FUNCTION, async () => {});
  await consume(MESSAGE, WARM, async () => {});
  const all = await metrics();
  expect(pointsOf(all, "messaging.client.consumed.messages")).toEqual([{ attributes: QUEUE, value: 2 }]);
  const duration = histogramNamed(all, "messaging.process.duration");
  expect(duration.descriptor.unit).toBe("s");
  expect(duration.dataPoints[0]?.value.count).toBe(2);
  expect(pointsOf(all, "faas.coldstarts")).toEqual([{ attributes: { "faas.trigger": "pubsub" }, value: 1 }]);
  expect(pointsOf(all, "faas.init_duration")).toMatchObject([{ attributes: { "faas.trigger": "pubsub" } }]);
  expect(all.map(({ descriptor }) => descriptor.name)).not.toContain("http.server.request.duration");
});
