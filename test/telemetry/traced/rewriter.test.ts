import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { expect, test } from "vitest";
import { createAnswer } from "#rag/answer.ts";
import { createConversation } from "#rag/conversation.ts";
import type { QueryRewriter, Rewrite } from "#rag/query-rewriter.ts";
import type { TelemetrySettings } from "#telemetry/index.ts";
import { createMetering } from "#usage/metered-ports.ts";
import { OpenAIUsageMonitor } from "#usage/usage-monitor.ts";
import { CANARY, pointsOf, recordingTelemetry, spanNamed, tracedPipelines } from "../_setup.ts";

const QUESTION = {
  question: `and ${CANARY}?`,
  topK: 1,
  history: [
    { role: "user" as const, content: `${CANARY} one` },
    { role: "assistant" as const, content: `${CANARY} two` },
  ],
};
const MODEL = { provider: "openai", model: "gpt-4o-mini", address: "api.openai.example", port: 443 };
const RULE = { provider: "edge-rag", model: "follow-up-rule" };

/** A conversation with a rewriter that says this, traced and metered as in a deployment. */
function conversation(
  identity: Omit<QueryRewriter, "rewrite">,
  rewrite: () => Promise<Partial<Rewrite>>,
  settings: Partial<TelemetrySettings> = {},
) {
  const recorded = recordingTelemetry(settings);
  const { telemetry } = recorded;
  const { ports } = tracedPipelines(telemetry);
  const monitor = new OpenAIUsageMonitor({ onRecord: telemetry.recordUsage });
  const metering = createMetering(monitor, (error) => {
    throw error;
  });
  const model = identity.model === MODEL.model ? "gpt-4o-mini-2024-07-18" : identity.model;
  const rewriter = telemetry.trace.rewriter(
    metering.rewriter({
      ...identity,
      rewrite: async (question) => ({
        ...{ question, promptTokens: 0, completionTokens: 0, model },
        ...(await rewrite()),
      }),
    }),
  );
  const ask = telemetry.traceAnswer(createConversation(createAnswer(ports), rewriter));
  return { ...recorded, ask, monitor };
}

const rewritten = async () => ({
  question: `What about ${CANARY}?`,
  promptTokens: 40,
  completionTokens: 8,
  finishReason: "stop",
});

test("rewriting with a chat model is a client span below that of the query, with its tokens", async () => {
  const { ask, spans } = conversation(MODEL, rewritten);
  await ask(QUESTION);
  const recorded = await spans();
  const span = spanNamed(recorded, "rag.query_rewrite");
  expect(span.parentSpanContext?.spanId).toBe(spanNamed(recorded, "rag.query").spanContext().spanId);
  expect(span.kind).toBe(SpanKind.CLIENT);
  expect(span.attributes).toEqual({
    "openinference.span.kind": "LLM",
    "model.name": "gpt-4o-mini",
    "messages.count": 2,
    "tokens.prompt": 40,
    "tokens.completion": 8,
    rewritten: true,
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o-mini",
    "gen_ai.response.model": "gpt-4o-mini-2024-07-18",
    "gen_ai.response.finish_reasons": ["stop"],
    "gen_ai.usage.input_tokens": 40,
    "gen_ai.usage.output_tokens": 8,
    "server.address": "api.openai.example",
    "server.port": 443,
  });
});

test("rewriting by the rule is an internal span that names no model's usage", async () => {
  const { ask, spans } = conversation(RULE, async () => ({}));
  await ask(QUESTION);
  const span = spanNamed(await spans(), "rag.query_rewrite");
  expect(span.kind).toBe(SpanKind.INTERNAL);
  expect(span.attributes).toEqual({
    "openinference.span.kind": "CHAIN",
    "model.name": "follow-up-rule",
    "messages.count": 2,
    "tokens.prompt": 0,
    "tokens.completion": 0,
    rewritten: false,
  });
});

test("its tokens, cost and time are counted, and are part of the answer's", async () => {
  const { ask, spans, metrics, monitor } = conversation(MODEL, rewritten);
  const { usage } = await ask(QUESTION);
  expect(usage).toMatchObject({ promptTokens: 160, completionTokens: 38 });
  expect(monitor.getStats()).toMatchObject({ requests: 1, promptTokens: 40, completionTokens: 8 });
  expect(spanNamed(await spans(), "rag.query").attributes).toMatchObject({ "tokens.prompt": 160 });
  const recorded = await metrics();
  const stages = pointsOf(recorded, "rag_stage_duration_seconds").map(({ attributes }) => attributes);
  expect(stages).toContainEqual({ stage: "query_rewrite" });
  expect(pointsOf(recorded, "rag_openai_tokens_total")).toContainEqual({
    attributes: { type: "prompt", model: "gpt-4o-mini-2024-07-18" },
    value: 160,
  });
});

test("without history there is no span", async () => {
  const { ask, spans, metrics } = conversation(MODEL, rewritten);
  await ask({ question: "Where?", topK: 1 });
  expect((await spans()).map(({ name }) => name)).not.toContain("rag.query_rewrite");
  const stages = pointsOf(await metrics(), "rag_stage_duration_seconds").map(({ attributes }) => attributes);
  expect(stages).not.toContainEqual({ stage: "query_rewrite" });
});

test("a failed rewriting fails its span alone, and is counted as an error and as a degraded query", async () => {
  const down = Object.assign(new Error(CANARY), { code: "ECONNREFUSED" });
  const { ask, spans, metrics } = conversation(MODEL, () => Promise.reject(down));
  await ask(QUESTION);
  const recorded = await spans();
  const span = spanNamed(recorded, "rag.query_rewrite");
  expect([span.status.code, span.attributes["error.type"]]).toEqual([SpanStatusCode.ERROR, "ECONNREFUSED"]);
  const query = spanNamed(recorded, "rag.query");
  expect(query.status.code).toBe(SpanStatusCode.UNSET);
  expect(query.attributes["rag.degraded"]).toEqual(["query_rewrite"]);
  const points = await metrics();
  for (const name of ["rag_query_errors_total", "rag_query_degraded_total"]) {
    expect(pointsOf(points, name)).toEqual([{ attributes: { stage: "query_rewrite" }, value: 1 }]);
  }
});

test("texts are recorded only with content capture", async () => {
  const texts = async (captureContent: boolean) => {
    const { ask, spans } = conversation(MODEL, rewritten, { captureContent });
    await ask(QUESTION);
    return spanNamed(await spans(), "rag.query_rewrite").attributes;
  };
  expect(JSON.stringify(await texts(false))).not.toContain(CANARY);
  expect(await texts(true)).toMatchObject({
    "input.value": `and ${CANARY}?`,
    "output.value": `What about ${CANARY}?`,
  });
});
