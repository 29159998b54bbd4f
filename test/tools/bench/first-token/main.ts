/**
 * `npm run bench -- first-token [--rounds 6] [--starts 30] [--json]`: the time from a question to the first piece of its
 * streamed answer, in this project, in LangChain.js and in LlamaIndex.TS, with services that take as long as hosted ones.
 * Exits with 1 when this project, with every query traced, is not ahead.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "#deploy/bundle/bundle.ts";
import { loadSampleCorpus } from "../../../../local-stack/dev/corpus.ts";
import { loadDataset } from "../../eval/dataset.ts";
import { quantile } from "../../lambda/stats.ts";
import { bundleFramework, bundleOurs } from "../frameworks/bundles.ts";
import type { Contender } from "../frameworks/measure.ts";
import { seed } from "../frameworks/seed.ts";
import { startServices } from "../frameworks/services.ts";
import { installFrameworks } from "../frameworks/setup.ts";
import { type Goal, report } from "../goals.ts";
import { bootstrap } from "../statistics/interval.ts";
import { CONNECT_MS, EVENT_MS } from "./latencies.ts";
import { measureRounds, measureStarts, type Round } from "./measure.ts";
import { collectSpans, type StageFigures } from "./stages.ts";

const OURS = "Edge RAG";
/** The share of the questions whose embedding is cached. */
const CACHED = [
  ["no embedding cached", 0],
  ["one embedding in ten cached", 0.1],
  ["every embedding cached", 1],
] as const;
/** Where a function opens connections while it starts. Nothing listens there: it then flushes without the extension. */
const ON_LAMBDA = { AWS_LAMBDA_RUNTIME_API: "127.0.0.1:9" };
const QUANTILES = [
  ["p50", 0.5],
  ["p95", 0.95],
] as const;

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    rounds: { type: "string", default: "6" },
    starts: { type: "string", default: "30" },
    json: { type: "boolean", default: false },
  },
});
const [rounds, starts] = [Number(values.rounds), Number(values.starts)];
if (!(rounds >= 2 && starts >= 2)) throw new Error("--rounds and --starts must be at least 2");

installFrameworks();
mkdirSync(join(ROOT, ".bundle"), { recursive: true });
const folder = mkdtempSync(join(ROOT, ".bundle/first-token-"));
const spans = collectSpans();
const services = await startServices({ connectMs: CONNECT_MS, eventMs: EVENT_MS, onTelemetry: spans.receive });
try {
  const { documents, questions } = await loadDataset(join(ROOT, "test/fixtures/golden"), () => loadSampleCorpus(ROOT));
  const texts = questions.map(({ text }) => text);
  await seed(services, documents, folder);
  const env = { ...services.env, OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" };
  const contenders: Contender[] = [
    { name: OURS, bundle: await bundleOurs(join(folder, "ours")), env },
    { name: "LangChain.js", bundle: await bundleFramework("langchain", join(folder, "langchain")), env },
    { name: "LlamaIndex.TS", bundle: await bundleFramework("llamaindex", join(folder, "llamaindex")), env },
  ];
  const measured: Record<string, Round[]> = {};
  const stages: Record<string, StageFigures[]> = {};
  for (const [situation, share] of CACHED) {
    services.useCache(share);
    measured[situation] = await measureRounds(contenders, services, texts, rounds, spans.take);
    stages[situation] = spans.take();
  }
  services.useCache(0);
  measured["first question of a process, since its start"] = await measureStarts(
    contenders.map(({ env, ...contender }) => ({ ...contender, env: { ...env, ...ON_LAMBDA } })),
    services,
    texts[0] ?? "",
    starts,
  );
  if (!values.json) console.log(`load ${loadavg().map((load) => load.toFixed(1))}, ${texts.length} questions a round`);
  report(
    "first-token",
    {
      ...Object.fromEntries(Object.entries(measured).map(([name, rounds]) => [`${name}: ms`, figuresOf(rounds)])),
      ...Object.fromEntries(Object.entries(stages).map(([name, rows]) => [`stages, ${name}: ms`, rows])),
    },
    Object.entries(measured).flatMap(([situation, rounds]) => goalsOf(situation, rounds)),
  );
} finally {
  await services.close();
  rmSync(folder, { recursive: true, force: true });
}

function figuresOf(rounds: readonly Round[]) {
  return Object.keys(rounds[0] ?? {})
    .sort()
    .map((contender) => ({
      contender,
      questions: rounds.flatMap((round) => round[contender] ?? []).length,
      ...Object.fromEntries(QUANTILES.map(([name, share]) => [name, Math.round(quantileOf(rounds, contender, share))])),
    }));
}

function goalsOf(situation: string, rounds: readonly Round[]): Goal[] {
  return ["LangChain.js", "LlamaIndex.TS"].flatMap((other) =>
    QUANTILES.map(([name, share]) => ({
      figure: `${name}, ${situation}, over ${other}`,
      goal: 1,
      measured: bootstrap(rounds, (drawn) => quantileOf(drawn, OURS, share) / quantileOf(drawn, other, share)),
    })),
  );
}

function quantileOf(rounds: readonly Round[], contender: string, share: number): number {
  return quantile(
    rounds.flatMap((round) => round[contender] ?? []),
    share,
  );
}
