import { setTimeout as delay } from "node:timers/promises";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { AnswerEvaluation, EvaluateAnswer, Telemetry, TelemetrySettings } from "#telemetry/index.ts";
import {
  CANARY,
  type FakeOptions,
  histogramNamed,
  INVOCATION,
  pointsOf,
  post,
  recordingTelemetry,
  spanNamed,
  tracedPipelines,
} from "../_setup.ts";

const RESULT: AnswerEvaluation = {
  score: 0.62,
  label: "partly_grounded",
  explanation: "1 of 2 sentences supported",
  unsupportedCitations: 2,
  unsupportedFacts: [
    { kind: "number", text: "1857" },
    { kind: "name", text: `${CANARY} Curie` },
    { kind: "name", text: "Marie" },
  ],
};
const EVENT = "gen_ai.evaluation.result";

/** Telemetry that evaluates every answer, and what was evaluated. */
function evaluating({
  load = vi.fn(async (): Promise<EvaluateAnswer> => evaluate),
  evaluate = vi.fn((): AnswerEvaluation | undefined => RESULT),
  ...settings
}: Partial<TelemetrySettings> & { load?: () => Promise<EvaluateAnswer>; evaluate?: EvaluateAnswer } = {}) {
  const recorded = recordingTelemetry({ groundedness: { sample: 1, budgetMs: 1_000 }, ...settings });
  recorded.telemetry.evaluateAnswers(load);
  return { ...recorded, evaluate, load };
}

const QUESTION = { question: "Who?", topK: 1 };

/** Answers in a server span; `meanwhile` runs between the answer and the response. */
async function ask(
  telemetry: Telemetry,
  {
    stream = false,
    meanwhile = async () => {},
    ...options
  }: FakeOptions & { stream?: boolean; meanwhile?: () => unknown } = {},
): Promise<Response> {
  const { answer } = tracedPipelines(telemetry, options);
  return telemetry.serve(post("/query"), INVOCATION, async () => {
    const { text } = await answer(QUESTION, stream ? { onDelta() {} } : {});
    await meanwhile();
    return new Response(text);
  });
}

const generationOf = async (spans: Promise<ReadableSpan[]>) => spanNamed(await spans, "rag.llm_generation");
const nanoseconds = ([seconds, rest]: readonly [number, number]) => BigInt(seconds) * 1_000_000_000n + BigInt(rest);

describe("an answer's evaluation", () => {
  test.each([false, true])("is an event of its generation and in the metrics; streamed: %s", async (stream) => {
    const { telemetry, spans, metrics, evaluate } = evaluating();
    await ask(telemetry, { stream });
    const { events } = await generationOf(spans());
    expect(events.map(({ name, attributes }) => [name, attributes])).toEqual([
      [
        EVENT,
        {
          "gen_ai.evaluation.name": "groundedness",
          "gen_ai.evaluation.score.value": 0.62,
          "gen_ai.evaluation.score.label": "partly_grounded",
          "gen_ai.evaluation.explanation": "1 of 2 sentences supported",
        },
      ],
    ]);
    expect(evaluate).toHaveBeenCalledExactlyOnceWith(`${CANARY}-answer [1]`, [
      expect.objectContaining({ index: 1, text: `${CANARY}-source` }),
    ]);
    const recorded = await metrics();
    expect(histogramNamed(recorded, "rag_answer_groundedness").dataPoints[0]?.value).toMatchObject({
      count: 1,
      sum: 0.62,
    });
    expect(pointsOf(recorded, "rag_answer_unsupported_citations_total")).toEqual([{ attributes: {}, value: 2 }]);
    expect(pointsOf(recorded, "rag_answer_unsupported_facts_total")).toEqual([
      { attributes: { kind: "number" }, value: 1 },
      { attributes: { kind: "name" }, value: 2 },
    ]);
  });

  test("does not make the generation's span longer", async () => {
    const { telemetry, spans } = evaluating();
    await ask(telemetry);
    await delay(50);
    const all = await spans();
    const generation = spanNamed(all, "rag.llm_generation");
    expect(nanoseconds(generation.duration)).toBeLessThanOrEqual(nanoseconds(spanNamed(all, "rag.query").duration));
    expect(generation.events[0]?.time).toEqual(generation.endTime);
  });

  test("is not begun before the response, not even by a flush of another one", async () => {
    const { telemetry, spans, evaluate, load } = evaluating();
    const first = vi.fn();
    await ask(telemetry, {
      async meanwhile() {
        await telemetry.flush(1_000);
        first(vi.mocked(evaluate).mock.calls.length);
      },
    });
    expect(first).toHaveBeenCalledWith(0);
    await delay(20);
    expect(evaluate).not.toHaveBeenCalled();
    expect((await generationOf(spans())).events).toHaveLength(1);
    expect(load).toHaveBeenCalledOnce();
  });

  test("is left out where each response waits for its own flush", async () => {
    const { telemetry, spans, load } = evaluating();
    const lifecycle = await telemetry.startLifecycle({ kind: "lambda", runtimeApi: "127.0.0.1:9" });
    await ask(telemetry);
    await lifecycle.responded({ requestId: "a", deadlineMs: Date.now() + 5_000 });
    expect((await generationOf(spans())).events).toEqual([]);
    expect(load).not.toHaveBeenCalled();
  });

  test("is not made of refusals, of failed generations, and beyond the sample", async () => {
    const random = vi.spyOn(Math, "random").mockReturnValue(0.3);
    onTestFinished(() => void vi.restoreAllMocks());
    const { telemetry, spans, evaluate } = evaluating({ groundedness: { sample: 0.25, budgetMs: 1_000 } });
    await ask(telemetry, { answered: false });
    await ask(telemetry, { fail: { generate: new Error("no") } }).catch(() => {});
    await ask(telemetry);
    random.mockReturnValue(0.2);
    await ask(telemetry);
    const generations = (await spans()).filter(({ name }) => name === "rag.llm_generation");
    expect(generations.map(({ events }) => events.length)).toEqual([0, 0, 0, 1]);
    expect(evaluate).toHaveBeenCalledOnce();
  });

  test("is dropped beyond the budget, and the span is exported without it", async () => {
    const evaluate = () => {
      const until = performance.now() + 2;
      while (performance.now() < until);
      return RESULT;
    };
    const { telemetry, spans } = evaluating({ evaluate, groundedness: { sample: 1, budgetMs: 1 } });
    for (let asked = 0; asked < 3; asked += 1) await ask(telemetry);
    const generations = (await spans()).filter(({ name }) => name === "rag.llm_generation");
    expect(generations.map(({ events }) => events.length)).toEqual([1, 0, 0]);
  });

  test.each([
    [
      "fails",
      () =>
        Promise.resolve(() => {
          throw new Error("bug");
        }),
    ],
    ["cannot be loaded", () => Promise.reject(new Error("no file"))],
    ["has nothing to say", () => Promise.resolve(() => undefined)],
  ])("that %s leaves the span as it is", async (_, load) => {
    const { telemetry, spans, metrics } = evaluating({ load });
    await ask(telemetry);
    await ask(telemetry);
    const generations = (await spans()).filter(({ name }) => name === "rag.llm_generation");
    expect(generations.map(({ events }) => events.length)).toEqual([0, 0]);
    expect(pointsOf(await metrics(), "rag_answer_groundedness")).toEqual([]);
  });

  test("has text of the answer only with content capture on", async () => {
    const explained = async (captureContent: boolean) => {
      const { telemetry, spans } = evaluating({ captureContent });
      await ask(telemetry);
      return (await generationOf(spans())).events[0]?.attributes?.["gen_ai.evaluation.explanation"];
    };
    expect(await explained(false)).toBe("1 of 2 sentences supported");
    expect(await explained(true)).toBe(`1 of 2 sentences supported: "1857", "${CANARY} Curie", "Marie"`);
  });

  test("is counted when the trace is not sampled", async () => {
    const { telemetry, spans, metrics } = evaluating({ sampler: "always_off" });
    await ask(telemetry);
    expect(await spans()).toEqual([]);
    expect(histogramNamed(await metrics(), "rag_answer_groundedness").dataPoints[0]?.value.count).toBe(1);
  });

  test("is made before the last flush of a process", async () => {
    const { telemetry, evaluate } = evaluating();
    await ask(telemetry);
    await telemetry.shutdown(1_000);
    expect(evaluate).toHaveBeenCalledOnce();
  });
});
