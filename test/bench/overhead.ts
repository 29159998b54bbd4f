/**
 * `npm run bench -- overhead [--queries 3000] [--json]`: the golden questions through the bundled query function under
 * Lambda's runtime client, in one process each without telemetry, without it again (the noise), with all and with a
 * tenth of the traces sampled. Each question goes to all four in turn. Once every question is embedded, and once
 * everything is cached, so that overhead has nowhere to hide; of that once as Lambda has it, frozen and so flushed after
 * each answer, and once as managed instances have it, which send every 5 s. Linux only. Exits with 1 when a goal is missed.
 */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadSampleCorpus } from "../../local-stack/dev/corpus.ts";
import { startReceiver } from "../../local-stack/dev/receiver.ts";
import { loadDataset } from "../eval/dataset.ts";
import type { Environment } from "../lambda/environment.ts";
import { httpEvent } from "../lambda/events.ts";
import { blocksOf, median, quantile } from "../lambda/stats.ts";
import { type Goal, report, short } from "./goals.ts";
import { bootstrap, type Estimate } from "./interval.ts";
import { prepareVariants, type Variant } from "./variants.ts";

const ROOT = join(import.meta.dirname, "../..");
/** Queries whose p95 is taken together: the third to fifth slowest of them. */
const BLOCK = 100;
const WARM_UP = 100;

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: { queries: { type: "string", default: "3000" }, json: { type: "boolean", default: false } },
});
const queries = Number(values.queries);
if (!(queries >= BLOCK)) throw new Error(`--queries must be a number of at least ${BLOCK}`);

const ARMS = ["off", "off again", "100 %", "10 %"] as const;
type Arm = (typeof ARMS)[number];
const ENV: Readonly<Record<Arm, Record<string, string>>> = {
  off: { OTEL_ENABLED: "false" },
  "off again": { OTEL_ENABLED: "false" },
  "100 %": { OTEL_TRACES_SAMPLER_ARG: "1" },
  "10 %": { OTEL_TRACES_SAMPLER_ARG: "0.1" },
};
const TIMED: Variant = { name: "query", handler: "timed.handler", env: {} };

/** What peers/timed.mjs says: of this query, and of the process until this query. */
interface Sample {
  statusCode: number;
  ms: number;
  cpuMs: number;
  /** Bytes in use. */
  heap: number;
}
type Samples = Record<Arm, Sample[]>;
type Block = Samples;

const variants = await prepareVariants("seed-golden.ts");
const receiver = await startReceiver("127.0.0.1", 0, { onTraces() {}, onMetrics() {} });
try {
  const { questions } = await loadDataset(join(ROOT, "test/fixtures/golden"), () => loadSampleCorpus(ROOT));
  const golden = (number: number) => questions[number % questions.length]?.text ?? "";
  const embedded = await measure((number) => `${golden(number)} (${number})`);
  const cached = await measure(golden);
  const managed = await measure(golden, { AWS_LAMBDA_INITIALIZATION_TYPE: "lambda-managed-instances" });

  const goals: Goal[] = [
    { figure: "p95, 100 % of off", goal: 1.01, measured: ratioOfP95(embedded, "100 %") },
    { figure: "p95, 10 % of off", goal: 1.005, measured: ratioOfP95(embedded, "10 %") },
    { figure: "CPU per query, sent every 5 s", goal: 0.3, unit: " ms", measured: addedCpu(managed, "100 %") },
    { figure: "CPU per query, sent after each", goal: 0.3, unit: " ms", measured: addedCpu(cached, "100 %") },
  ];
  report(
    "overhead",
    {
      [`Every question is embedded: ${queries} queries each`]: ARMS.map((arm) => rowOf(embedded, arm)),
      [`Everything is cached: ${queries} queries each`]: ARMS.map((arm) => rowOf(cached, arm)),
      [`Everything is cached, sent every 5 s: ${queries} queries each`]: ARMS.map((arm) => rowOf(managed, arm)),
    },
    goals,
  );
} finally {
  receiver?.close();
  variants.close();
}

async function measure(
  question: (number: number) => string,
  more: Readonly<Record<string, string>> = {},
): Promise<Block[]> {
  const folder = mkdtempSync(join(tmpdir(), "edge-rag-overhead-"));
  const environments = await Promise.all(
    ARMS.map(async (arm) => {
      const dataDir = join(folder, arm.replaceAll(/\W/g, ""));
      cpSync(variants.dataDir, dataDir, { recursive: true });
      const env = { ...ENV[arm], ...more, RAG_DATA_DIR: dataDir, OTEL_EXPORTER_OTLP_ENDPOINT: receiver?.url ?? "" };
      return { arm, environment: await variants.start(TIMED, env) };
    }),
  );
  try {
    const samples: Samples = { off: [], "off again": [], "100 %": [], "10 %": [] };
    for (let number = 0; number < WARM_UP + queries; number += 1) {
      for (const turn of ARMS.keys()) {
        // Whoever comes first finds the caches cold: they take turns at that too.
        const { arm, environment } = environments[(number + turn) % ARMS.length] as (typeof environments)[number];
        const sample = await ask(environment, question(number));
        if (number >= WARM_UP) samples[arm].push(sample);
      }
    }
    const blocks = ARMS.map((arm) => blocksOf(samples[arm], BLOCK));
    return (blocks[0] ?? []).map(
      (_, index) => Object.fromEntries(ARMS.map((arm, which) => [arm, blocks[which]?.[index] ?? []])) as Block,
    );
  } finally {
    await Promise.all(environments.map(({ environment }) => environment.kill()));
    rmSync(folder, { recursive: true, force: true });
  }
}

async function ask(environment: Environment, question: string): Promise<Sample> {
  const { body, settled } = await environment.invoke(httpEvent("POST", "/query", { question }), { timeoutMs: 30_000 });
  await settled;
  const sample = body as Sample;
  if (sample?.statusCode !== 200) throw new Error(`no answer: ${JSON.stringify(body)} ${environment.stderr.at(-1)}`);
  return sample;
}

function p95(samples: readonly Sample[]): number {
  return quantile(
    samples.map(({ ms }) => ms),
    0.95,
  );
}

/** The median of the blocks' ratios, each of queries that were asked side by side. */
function ratioOfP95(blocks: readonly Block[], arm: Arm): Estimate {
  return bootstrap(blocks, (drawn) => median(drawn.map((block) => p95(block[arm]) / p95(block.off))));
}

/** Milliseconds of processor time from the first query of a block to its last, exports and all, per query. */
function cpuOf(samples: readonly Sample[]): number {
  return ((samples.at(-1)?.cpuMs ?? Number.NaN) - (samples[0]?.cpuMs ?? Number.NaN)) / (samples.length - 1);
}

function addedCpu(blocks: readonly Block[], arm: Arm): Estimate {
  return bootstrap(blocks, (drawn) => median(drawn.map((block) => cpuOf(block[arm]) - cpuOf(block.off))));
}

/** Bytes the heap grows by from one query to the next, at the median: those with a collection between are outliers. */
function allocated(samples: readonly Sample[]): number {
  return median(samples.slice(1).map(({ heap }, index) => heap - (samples[index]?.heap ?? Number.NaN)));
}

function rowOf(blocks: readonly Block[], arm: Arm) {
  const samples = blocks.flatMap((block) => block[arm]);
  const times = samples.map(({ ms }) => ms);
  const ratio = ratioOfP95(blocks, arm);
  const cpu = addedCpu(blocks, arm);
  return {
    telemetry: arm,
    "p50, ms": short(quantile(times, 0.5)),
    "p95, ms": short(quantile(times, 0.95)),
    "p99, ms": short(quantile(times, 0.99)),
    "p95, of off":
      arm === "off" ? "" : `${ratio.value.toFixed(3)} (${ratio.low.toFixed(3)} to ${ratio.high.toFixed(3)})`,
    "CPU, ms": short(median(blocks.map((block) => cpuOf(block[arm])))),
    "CPU more than off, ms":
      arm === "off" ? "" : `${cpu.value.toFixed(2)} (${cpu.low.toFixed(2)} to ${cpu.high.toFixed(2)})`,
    "allocated, KB": short(allocated(samples) / 1_000),
  };
}
