import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { describe, expect, test, vi } from "vitest";
import type { JudgeAnswer, Judgement, Telemetry, TelemetrySettings } from "#telemetry/index.ts";
import { AnswerJudgements } from "#telemetry/traced/judgements.ts";
import { CANARY, histogramNamed, INVOCATION, pointsOf, post, recordingTelemetry, tracedPipelines } from "../_setup.ts";
import { extensionsApi } from "../lifecycle/_extensions-api.ts";

const SCORES = { faithfulness: 0.9, answer_relevance: 1, context_relevance: 0.25 };
const JUDGED: Judgement = {
  outcome: "judged",
  scores: SCORES,
  usage: { model: "judge-1", promptTokens: 400, completionTokens: 20, costUsd: 0.002 },
};
const EVENT = "gen_ai.evaluation.result";

interface Options extends Partial<TelemetrySettings> {
  judge?: JudgeAnswer;
  load?: () => Promise<JudgeAnswer>;
  sample?: number;
  timeoutMs?: number;
}

/** Telemetry that has answers judged, and what was judged. */
function judging({ judge = async () => JUDGED, load, sample = 1, timeoutMs = 5_000, ...settings }: Options = {}) {
  const recorded = recordingTelemetry(settings);
  const asked = vi.fn(judge);
  recorded.telemetry.judgeAnswers(
    (meter) => new AnswerJudgements(meter, { sample, timeoutMs }, load ?? (async () => asked)),
  );
  const runs = async () => {
    const points = pointsOf(await recorded.metrics(), "rag_judge_runs_total");
    const counts: Record<string, number> = {};
    for (const { attributes, value } of points) {
      const { outcome } = attributes as { outcome: string };
      counts[outcome] = (counts[outcome] ?? 0) + value;
    }
    return counts;
  };
  return { ...recorded, asked, runs };
}

/** Answers in a server span; `meanwhile` runs between the answer and the response. */
async function ask(telemetry: Telemetry, meanwhile: () => unknown = () => {}, headers = {}): Promise<Response> {
  const { answer } = tracedPipelines(telemetry);
  return telemetry.serve(post("/query", headers), INVOCATION, async () => {
    const { text } = await answer({ question: `${CANARY}?`, topK: 1 });
    await meanwhile();
    return new Response(text);
  });
}

const generationsIn = (spans: readonly ReadableSpan[]) => spans.filter(({ name }) => name === "rag.llm_generation");
/** Waits until judgements have been made that need no time. */
const judged = () => new Promise((resolve) => setTimeout(resolve, 20));

/** A judge that answers when told to. */
function slowJudge() {
  const { promise, resolve } = Promise.withResolvers<Judgement>();
  const given: AbortSignal[] = [];
  const judge: JudgeAnswer = (_answer, { signal }) => {
    given.push(signal);
    return promise;
  };
  return { judge, given, answer: () => resolve(JUDGED) };
}

/** An invocation on Lambda with `ms` milliseconds left, until the environment would freeze. */
async function onLambda(telemetry: Telemetry, ms: number): Promise<void> {
  const api = await extensionsApi();
  const lifecycle = await telemetry.startLifecycle({ kind: "lambda", runtimeApi: api.runtimeApi });
  await ask(telemetry);
  await lifecycle.responded(await api.invoke("a", Date.now() + ms));
  await vi.waitFor(() => expect(api.nexts()).toBe(2), { timeout: 5_000 });
}

describe("an answer's judgement", () => {
  test("is three events of its generation, and counted apart from the answer", async () => {
    const { telemetry, spans, metrics, asked } = judging();
    await ask(telemetry);
    await telemetry.flush(1_000);
    await judged();
    const [generation] = generationsIn(await spans());
    expect(generation?.events.map(({ name, attributes, time }) => [name, attributes, time])).toEqual(
      Object.entries(SCORES).map(([evaluation, score]) => [
        EVENT,
        { "gen_ai.evaluation.name": evaluation, "gen_ai.evaluation.score.value": score },
        generation?.endTime,
      ]),
    );
    expect(asked).toHaveBeenCalledExactlyOnceWith(
      {
        question: `${CANARY}?`,
        text: `${CANARY}-answer [1]`,
        sources: [expect.objectContaining({ index: 1, text: `${CANARY}-source` })],
      },
      { signal: expect.any(AbortSignal), deadline: expect.closeTo(Date.now() + 5_000, -3) },
    );
    const recorded = await metrics();
    expect(pointsOf(recorded, "rag_answer_judge_score")).toEqual(
      Object.entries(SCORES).map(([evaluation, value]) => ({ attributes: { evaluation }, value })),
    );
    expect(histogramNamed(recorded, "rag_answer_judge_score").dataPoints[0]?.value.buckets.boundaries).toHaveLength(21);
    expect(pointsOf(recorded, "rag_judge_runs_total")).toEqual([{ attributes: { outcome: "judged" }, value: 1 }]);
    expect(pointsOf(recorded, "rag_judge_tokens_total")).toEqual([
      { attributes: { type: "prompt", model: "judge-1" }, value: 400 },
      { attributes: { type: "completion", model: "judge-1" }, value: 20 },
    ]);
    expect(pointsOf(recorded, "rag_judge_cost_usd_total")).toEqual([
      { attributes: { model: "judge-1" }, value: 0.002 },
    ]);
    const answers = pointsOf(recorded, "rag_openai_tokens_total").filter(({ value }) => value !== 7);
    expect(answers.map(({ value }) => value)).toEqual([120, 30]);
  });

  test("stands beside the groundedness of the same answer", async () => {
    const { telemetry, spans } = judging({ groundedness: { sample: 1, budgetMs: 1_000 } });
    telemetry.evaluateAnswers(async () => () => ({
      ...{ score: 0.5, label: "partly_grounded", explanation: "", unsupportedCitations: 0, unsupportedFacts: [] },
    }));
    await ask(telemetry);
    await telemetry.flush(1_000);
    await judged();
    const [generation] = generationsIn(await spans());
    const names = generation?.events.map(({ attributes }) => attributes?.["gen_ai.evaluation.name"]);
    expect(names?.toSorted()).toEqual(["answer_relevance", "context_relevance", "faithfulness", "groundedness"]);
  });

  test("is not begun before the response, not even by a flush of another one", async () => {
    const { telemetry, asked } = judging();
    const before = vi.fn();
    await ask(telemetry, async () => {
      await telemetry.flush(1_000);
      await judged();
      before(asked.mock.calls.length);
    });
    expect(before).toHaveBeenCalledWith(0);
    await telemetry.flush(1_000);
    await judged();
    expect(asked).toHaveBeenCalledOnce();
  });

  test("holds up no flush: everything else is exported meanwhile", async () => {
    const slow = slowJudge();
    const { telemetry, spans } = judging({ judge: slow.judge });
    await ask(telemetry);
    const meanwhile = await spans();
    expect(meanwhile.map(({ name }) => name)).toContain("rag.query");
    expect(generationsIn(meanwhile)).toEqual([]);
    slow.answer();
    await judged();
    expect(generationsIn(await spans())[0]?.events).toHaveLength(3);
  });

  test("is decided by the trace id alone", async () => {
    const { telemetry, asked } = judging({ sample: 0.25 });
    const random = "0123456789abcdef01";
    for (const digits of ["00000000000000", "bfffffffff0000", "c0000000000000", "ffffffffffffff"]) {
      await ask(telemetry, () => {}, { traceparent: `00-${random}${digits}-00f067aa0ba902b7-01` });
    }
    await telemetry.flush(1_000);
    await judged();
    expect(asked).toHaveBeenCalledTimes(2);
  });

  test.each<[string, Options, string]>([
    ["the judge fails", { judge: async () => ({ outcome: "failed" }) }, "failed"],
    ["the judge gives no scores", { judge: async () => ({ outcome: "invalid" }) }, "invalid"],
    ["the budget is spent", { judge: async () => ({ outcome: "over_budget" }) }, "over_budget"],
    ["the judge has a bug", { judge: () => Promise.reject(new Error("bug")) }, "failed"],
    ["the judge cannot be loaded", { load: () => Promise.reject(new Error("no file")) }, "failed"],
  ])("is counted and left out when %s", async (_, options, outcome) => {
    const { telemetry, spans, runs } = judging(options);
    expect((await ask(telemetry)).status).toBe(200);
    await telemetry.flush(1_000);
    await judged();
    expect(generationsIn(await spans()).map(({ events }) => events)).toEqual([[]]);
    expect(await runs()).toEqual({ [outcome]: 1 });
  });

  test("is dropped when its turn comes too late", async () => {
    const { telemetry, asked, runs } = judging({ timeoutMs: 1 });
    await ask(telemetry);
    await judged();
    await telemetry.flush(1_000);
    await judged();
    expect(asked).not.toHaveBeenCalled();
    expect(await runs()).toEqual({ dropped: 1 });
  });

  test("waits while four others are made, and is dropped when a hundred wait", async () => {
    const slow = slowJudge();
    const { telemetry, asked, runs } = judging({ judge: slow.judge });
    for (let asking = 0; asking < 105; asking += 1) {
      await ask(telemetry);
      if (asking < 4) await telemetry.flush(1_000);
    }
    await telemetry.flush(1_000);
    await judged();
    expect(asked).toHaveBeenCalledTimes(4);
    expect(await runs()).toEqual({ dropped: 1 });
    slow.answer();
    await judged();
    expect(await runs()).toEqual({ dropped: 1, judged: 104 });
  });

  test("is given up by the last flush of a process, and its span exported", async () => {
    const slow = slowJudge();
    const { telemetry, spans, runs } = judging({ judge: slow.judge });
    await ask(telemetry);
    await telemetry.flush(1_000);
    await judged();
    await telemetry.flush(1_000, true);
    expect(slow.given.map(({ aborted }) => aborted)).toEqual([true]);
    slow.answer();
    await judged();
    expect(generationsIn(await spans()).map(({ events }) => events)).toEqual([[]]);
    expect(await runs()).toEqual({ dropped: 1 });
  });

  test("is not begun by the last flush of a process", async () => {
    const { telemetry, spans, asked, runs } = judging();
    await ask(telemetry);
    await telemetry.flush(1_000, true);
    await judged();
    expect(asked).not.toHaveBeenCalled();
    expect(generationsIn(await spans()).map(({ events }) => events)).toEqual([[]]);
    expect(await runs()).toEqual({ dropped: 1 });
  });

  test("is exported on a laptop although no request follows", async () => {
    const slow = slowJudge();
    const { telemetry, asked } = judging({ judge: slow.judge });
    const lifecycle = await telemetry.startLifecycle({ kind: "offline" });
    await ask(telemetry);
    await lifecycle.responded({ requestId: "a", deadlineMs: Date.now() + 5_000 });
    await vi.waitFor(() => expect(asked).toHaveBeenCalledOnce());
    const { count } = telemetry.state().flush;
    slow.answer();
    await vi.waitFor(() => expect(telemetry.state().flush.count).toBeGreaterThan(count), { timeout: 5_000 });
  });
});

describe("on Lambda, an answer's judgement", () => {
  test("is waited for before the flush that precedes the freeze", async () => {
    const { telemetry, spans, asked } = judging({
      judge: async () => {
        await judged();
        return JUDGED;
      },
    });
    await onLambda(telemetry, 20_000);
    expect(asked).toHaveBeenCalledOnce();
    expect(generationsIn(await spans())[0]?.events).toHaveLength(3);
  });

  test("has the time of the invocation less that of the flush, and is then dropped", async () => {
    const slow = slowJudge();
    const { telemetry, spans, runs } = judging({ judge: slow.judge });
    await onLambda(telemetry, 1_600);
    expect(slow.given.map(({ aborted }) => aborted)).toEqual([true]);
    expect(generationsIn(await spans()).map(({ events }) => events)).toEqual([[]]);
    expect(await runs()).toEqual({ dropped: 1 });
  });

  test("is not begun when there is only time for the flush", async () => {
    const { telemetry, asked, runs } = judging();
    await onLambda(telemetry, 1_050);
    expect(asked).not.toHaveBeenCalled();
    expect(await runs()).toEqual({ dropped: 1 });
  });

  test("is dropped where each response waits for its own flush", async () => {
    const { telemetry, spans, asked, runs } = judging();
    const lifecycle = await telemetry.startLifecycle({ kind: "lambda", runtimeApi: "127.0.0.1:9" });
    await ask(telemetry);
    await lifecycle.responded({ requestId: "a", deadlineMs: Date.now() + 5_000 });
    expect(asked).not.toHaveBeenCalled();
    expect(generationsIn(await spans()).map(({ events }) => events)).toEqual([[]]);
    expect(await runs()).toEqual({ dropped: 1 });
  });
});
