import { context, SpanKind, trace } from "@opentelemetry/api";
import { describe, expect, test, vi } from "vitest";
import type { RunShadow, ShadowRun, Telemetry, TelemetrySettings } from "#telemetry/index.ts";
import { AnswerJudgements } from "#telemetry/traced/judgements.ts";
import { ShadowRuns } from "#telemetry/traced/shadow-runs.ts";
import { isInQuery, requestSpan } from "#telemetry/traced/span.ts";
import {
  CANARY,
  histogramNamed,
  INVOCATION,
  pointsOf,
  post,
  recordingTelemetry,
  spanNamed,
  tracedPipelines,
} from "../_setup.ts";
import { extensionsApi } from "../lifecycle/_extensions-api.ts";

const COMPARED: ShadowRun = {
  outcome: "compared",
  groundedness: { primary: 0.75, shadow: 0.5 },
  results: 3,
  billed: [
    { model: "text-embedding-3-small", promptTokens: 7, completionTokens: 0 },
    { model: "shadow-1-2026", promptTokens: 400, completionTokens: 20, costUsd: 0.002 },
  ],
};
const QUESTION = { question: `${CANARY}?`, topK: 1, instructions: "Briefly." };

interface Options extends Partial<TelemetrySettings> {
  run?: RunShadow;
  load?: () => Promise<RunShadow>;
  sample?: number;
  timeoutMs?: number;
}

/** Telemetry with a shadow, and what that was asked. */
function shadowing({ run = async () => COMPARED, load, sample = 1, timeoutMs = 5_000, ...settings }: Options = {}) {
  const recorded = recordingTelemetry(settings);
  const asked = vi.fn(run);
  const options = { sample, timeoutMs, model: "shadow-1" };
  recorded.telemetry.shadowAnswers(
    (meter, tracer) => new ShadowRuns(meter, tracer, options, load ?? (async () => asked)),
  );
  const runs = async () => pointsOf(await recorded.metrics(), "rag_shadow_runs_total");
  return { ...recorded, asked, runs };
}

async function ask(telemetry: Telemetry, headers = {}, call = {}): Promise<Response> {
  const { answer } = tracedPipelines(telemetry);
  return telemetry.serve(post("/query", headers), INVOCATION, async () => {
    const { text } = await answer(QUESTION, call);
    return new Response(text);
  });
}

/** Waits until runs are done that need no time. */
const done = () => new Promise((resolve) => setTimeout(resolve, 20));

/** An invocation on Lambda with `ms` milliseconds left, until the environment would freeze. */
async function onLambda(telemetry: Telemetry, ms: number): Promise<void> {
  const api = await extensionsApi();
  const lifecycle = await telemetry.startLifecycle({ kind: "lambda", runtimeApi: api.runtimeApi });
  await ask(telemetry);
  await lifecycle.responded(await api.invoke("a", Date.now() + ms));
  await vi.waitFor(() => expect(api.nexts()).toBe(2), { timeout: 5_000 });
}

describe("a shadow's run", () => {
  test("has the span and the metrics of the contract", async () => {
    const { telemetry, spans, metrics } = shadowing();
    await ask(telemetry);
    await telemetry.flush(1_000);
    await done();
    const query = spanNamed(await spans(), "rag.query").spanContext();
    const { kind, attributes, links, status, parentSpanContext } = spanNamed(await spans(), "rag.shadow");
    expect({ kind: SpanKind[kind], attributes, status, parentSpanContext }).toEqual({
      kind: "INTERNAL",
      attributes: {
        "openinference.span.kind": "CHAIN",
        "model.name": "shadow-1",
        "rag.shadow.outcome": "compared",
        "rag.shadow.groundedness": 0.5,
        "rag.shadow.primary.groundedness": 0.75,
        "results.count": 3,
        "tokens.prompt": 407,
        "tokens.completion": 20,
      },
      status: { code: 0 },
      parentSpanContext: undefined,
    });
    expect(links.map((link) => link.context)).toEqual([query]);

    const recorded = await metrics();
    expect(pointsOf(recorded, "rag_shadow_groundedness")).toEqual([
      { attributes: { configuration: "primary" }, value: 0.75 },
      { attributes: { configuration: "shadow" }, value: 0.5 },
    ]);
    expect(histogramNamed(recorded, "rag_shadow_groundedness").dataPoints[0]?.value.buckets.boundaries).toHaveLength(
      21,
    );
    expect(pointsOf(recorded, "rag_shadow_runs_total")).toEqual([{ attributes: { outcome: "compared" }, value: 1 }]);
    expect(pointsOf(recorded, "rag_shadow_tokens_total")).toEqual([
      { attributes: { type: "prompt", model: "text-embedding-3-small" }, value: 7 },
      { attributes: { type: "prompt", model: "shadow-1-2026" }, value: 400 },
      { attributes: { type: "completion", model: "shadow-1-2026" }, value: 20 },
    ]);
    expect(pointsOf(recorded, "rag_shadow_cost_usd_total")).toEqual([
      { attributes: { model: "shadow-1-2026" }, value: 0.002 },
    ]);
    expect(pointsOf(recorded, "rag_answer_groundedness")).toEqual([]);
  });

  test("gets the question, its answer and its tenant, in its own span and in no query", async () => {
    const seen = vi.fn();
    const { telemetry, asked, spans } = shadowing({
      run: async () => {
        seen(trace.getSpan(context.active())?.spanContext().spanId, isInQuery(), requestSpan());
        return COMPARED;
      },
    });
    await ask(telemetry, {}, { tenant: "acme" });
    await telemetry.flush(1_000);
    await done();
    expect(asked).toHaveBeenCalledExactlyOnceWith(
      { question: QUESTION, answer: expect.objectContaining({ text: `${CANARY}-answer [1]` }) },
      { signal: expect.any(AbortSignal), deadline: expect.closeTo(Date.now() + 5_000, -3), tenant: "acme" },
    );
    expect(seen).toHaveBeenCalledExactlyOnceWith(
      spanNamed(await spans(), "rag.shadow").spanContext().spanId,
      false,
      undefined,
    );
  });

  test("is decided by the trace id alone", async () => {
    const { telemetry, asked } = shadowing({ sample: 0.25 });
    for (const digits of ["00000000000000", "bfffffffff0000", "c0000000000000", "ffffffffffffff"]) {
      await ask(telemetry, { traceparent: `00-0123456789abcdef01${digits}-00f067aa0ba902b7-01` });
    }
    await telemetry.flush(1_000);
    await done();
    expect(asked).toHaveBeenCalledTimes(2);
  });

  test.each<[string, Options, string]>([
    ["the shadow fails", { run: async () => ({ outcome: "failed" }) }, "failed"],
    ["the shadow has a bug", { run: () => Promise.reject(new Error("bug")) }, "failed"],
    ["the shadow cannot be loaded", { load: () => Promise.reject(new Error("no file")) }, "failed"],
    ["the budget is spent", { run: async () => ({ outcome: "over_budget" }) }, "over_budget"],
  ])("is counted when %s, and is no error of the trace", async (_, options, outcome) => {
    const { telemetry, spans, runs } = shadowing(options);
    expect((await ask(telemetry)).status).toBe(200);
    await telemetry.flush(1_000);
    await done();
    const { attributes, status } = spanNamed(await spans(), "rag.shadow");
    expect({ attributes, status }).toMatchObject({
      attributes: { "rag.shadow.outcome": outcome },
      status: { code: 0 },
    });
    expect(await runs()).toEqual([{ attributes: { outcome }, value: 1 }]);
  });

  test("is given up by the last flush of a process", async () => {
    const given: AbortSignal[] = [];
    const { telemetry, spans, runs } = shadowing({
      run: (_, { signal }) => {
        given.push(signal);
        return new Promise(() => {});
      },
    });
    await ask(telemetry);
    await telemetry.flush(1_000);
    await done();
    await ask(telemetry);
    await telemetry.flush(1_000, true);
    expect(given.map(({ aborted }) => aborted)).toEqual([true]);
    expect(spanNamed(await spans(), "rag.shadow").attributes["rag.shadow.outcome"]).toBe("dropped");
    expect(await runs()).toEqual([{ attributes: { outcome: "dropped" }, value: 2 }]);
  });
});

describe("on Lambda, a shadow's run", () => {
  test("is waited for before the flush that precedes the freeze, as the judge is", async () => {
    const { telemetry, spans, asked } = shadowing({
      run: async () => {
        await done();
        return COMPARED;
      },
    });
    const judged = vi.fn(async () => ({ outcome: "judged" }) as const);
    telemetry.judgeAnswers((meter) => new AnswerJudgements(meter, { sample: 1, timeoutMs: 5_000 }, async () => judged));
    await onLambda(telemetry, 20_000);
    expect([asked.mock.calls.length, judged.mock.calls.length]).toEqual([1, 1]);
    expect(spanNamed(await spans(), "rag.shadow").attributes["rag.shadow.outcome"]).toBe("compared");
  });

  test("is dropped when there is only time for the flush", async () => {
    const { telemetry, asked, runs } = shadowing();
    await onLambda(telemetry, 1_050);
    expect(asked).not.toHaveBeenCalled();
    expect(await runs()).toEqual([{ attributes: { outcome: "dropped" }, value: 1 }]);
  });
});
