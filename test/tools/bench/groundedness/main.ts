/**
 * `npm run bench -- groundedness [--requests 4000] [--json]`: the time that evaluating an answer of five sentences takes with
 * five chunks of the project's pages, and what it and a judge that takes 20 ms add to responses: requests with nothing,
 * with evaluation and with both alternate, each flushed after its response. Exits with 1 when a goal is missed.
 */
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { lexicon } from "#providers/lexical/lexicon.ts";
import { groundednessOf } from "#quality/groundedness.ts";
import type { Citation } from "#rag/ports.ts";
import { sentencesOf } from "#rag/segment.ts";
import { type Judgement, setupTelemetry, type Telemetry } from "#telemetry/index.ts";
import { AnswerJudgements } from "#telemetry/traced/judgements.ts";
import { startReceiver } from "../../../support/otlp-receiver.ts";
import { pagePassages } from "../../eval/groundedness/passages.ts";
import { median, quantile } from "../../lambda/stats.ts";
import { report, short } from "../goals.ts";
import { bootstrap } from "../statistics/interval.ts";

const CHUNKS = 5;
/** Each answer is evaluated this often; the best time counts, which others on the machine disturb least. */
const ROUNDS = 40;

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: { requests: { type: "string", default: "4000" }, json: { type: "boolean", default: false } },
});
const requests = Number(values.requests);
if (!(requests >= 100)) throw new Error("--requests must be a number of at least 100");

interface Sample {
  answer: string;
  citations: Citation[];
}

const samples = await createSamples();
const evaluations = samples.map(({ answer, citations }) =>
  bestOf(() => groundednessOf(answer, citations, { lexicon })),
);
const { on, off, judged } = await responses();

report(
  "groundedness",
  {
    [`An answer of ${CHUNKS} sentences, ${CHUNKS} chunks: ${samples.length} answers, milliseconds`]: [
      {
        median: short(median(evaluations)),
        p95: short(quantile(evaluations, 0.95)),
        max: short(Math.max(...evaluations)),
      },
    ],
    [`Responses, milliseconds: ${requests} each`]: [
      { evaluation: "off", p50: short(median(off)), p99: short(quantile(off, 0.99)) },
      { evaluation: "on", p50: short(median(on)), p99: short(quantile(on, 0.99)) },
      { evaluation: "on, and judged", p50: short(median(judged)), p99: short(quantile(judged, 0.99)) },
    ],
  },
  [{ figure: "CPU per answer, median", goal: 1, unit: " ms", measured: bootstrap(evaluations, median) }],
);

/** Answers of one sentence of each of five chunks. */
async function createSamples(): Promise<Sample[]> {
  const passages = await pagePassages(".");
  const groups = Array.from({ length: Math.floor(passages.length / CHUNKS) }, (_, group) =>
    passages.slice(group * CHUNKS, (group + 1) * CHUNKS),
  );
  return groups.map((group) => {
    const citations = group.map(({ title, text }, at) => ({
      ...{ index: at + 1, chunkId: String(at), documentId: title, title, heading: "", text, score: 1 },
    }));
    const sentence = (text: string) => {
      const [first] = sentencesOf(text).filter(({ start, end }) => end - start > 40);
      return text.slice(first?.start, first?.end).trim();
    };
    return { answer: citations.map(({ text, index }) => `${sentence(text)} [${index}]`).join("\n\n"), citations };
  });
}

function bestOf(run: () => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round += 1) {
    const started = performance.now();
    run();
    best = Math.min(best, performance.now() - started);
  }
  return best;
}

type Arm = "off" | "on" | "judged";

async function responses(): Promise<Record<Arm, number[]>> {
  const receiver = await startReceiver("127.0.0.1", 0, { onTraces() {}, onMetrics() {} });
  const times: Record<Arm, number[]> = { on: [], off: [], judged: [] };
  const arms = (["on", "off", "judged"] as const).map((arm) => ({
    arm,
    telemetry: telemetryWith(receiver?.url ?? "", arm),
  }));
  for (let number = 0; number < requests; number += 1) {
    const sample = samples[number % samples.length] as Sample;
    // The order rotates: the first of a round finds the CPU caches cold.
    for (const { arm, telemetry } of number % 2 === 0 ? arms : arms.toReversed()) {
      const started = performance.now();
      await respond(telemetry, sample);
      times[arm].push(performance.now() - started);
      await telemetry.flush(5_000);
    }
  }
  await Promise.all(arms.map(({ telemetry }) => telemetry.shutdown(1_000)));
  receiver?.close();
  return times;
}

function telemetryWith(endpoint: string, arm: Arm): Telemetry {
  const telemetry = setupTelemetry({
    ...{ serviceName: "bench", resourceAttributes: {}, endpoint, headers: {}, timeoutMs: 5_000, compression: "none" },
    ...{ traces: "otlp", metrics: "otlp", sampler: "always_on", samplerArg: 1, propagators: [], captureContent: false },
    groundedness: { sample: arm === "off" ? 0 : 1, budgetMs: 50 },
  });
  if (arm === "judged") {
    const scores = { faithfulness: 1, answer_relevance: 1, context_relevance: 1 };
    const judge = () => delay<Judgement>(20, { outcome: "judged", scores });
    const settings = { sample: 1, timeoutMs: 5_000 };
    telemetry.judgeAnswers((meter) => new AnswerJudgements(meter, settings, async () => judge));
  }
  telemetry.evaluateAnswers(async () => (await import("#compose/evaluate-answer.ts")).evaluateAnswer);
  return telemetry;
}

async function respond(telemetry: Telemetry, { answer, citations }: Sample): Promise<void> {
  const generator = telemetry.trace.generator({
    provider: "bench",
    model: "fixed",
    generate: async () => ({
      ...{ text: answer, answered: true, promptTokens: 1, completionTokens: 1, finishReason: "stop", model: "fixed" },
    }),
  });
  const request = new Request("http://127.0.0.1/query", { method: "POST" });
  const response = await telemetry.serve(request, { route: "/query" }, async () => {
    const { text } = await generator.generate({ system: "", user: "", question: "", citations });
    return Response.json({ answer: text });
  });
  await response.text();
}
