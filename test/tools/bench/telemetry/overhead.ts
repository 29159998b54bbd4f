/**
 * `npm run bench -- overhead [--queries 3000] [--part embedded|after-each|every-5-s] [--json]`: the golden questions through
 * the bundled query function in the Lambda simulator, with one process each for: telemetry off, off again (the noise), all
 * traces sampled, a tenth sampled. Each question goes to all four in rotating order. After a tenth of the questions four new
 * processes take over, since two processes of the same kind can differ by several percent for their whole lifetime. Runs
 * once with every question embedded, and twice with everything cached, where overhead is largest in proportion: flushed
 * after each response, as on Lambda, and every 5 s, as on managed instances; `--part` runs one of the three. Linux only.
 * Exits with 1 when a goal is missed.
 */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadSampleCorpus } from "../../../../local-stack/dev/corpus.ts";
import { startReceiver } from "../../../support/otlp-receiver.ts";
import { loadDataset } from "../../eval/dataset.ts";
import type { Environment } from "../../lambda/environment.ts";
import { httpEvent } from "../../lambda/events.ts";
import { median, quantile } from "../../lambda/stats.ts";
import { type Goal, report, short } from "../goals.ts";
import { bootstrap, type Estimate } from "../statistics/interval.ts";
import { prepareVariants, type Variant } from "./variants.ts";

const ROOT = join(import.meta.dirname, "../../../..");
/** Successive processes of each kind. */
const SESSIONS = 10;
/** Queries until every golden question is cached and V8 has optimized. */
const WARM_UP = 100;
/** Long enough for the first periodic export, every 5 s, which loads the exporter. */
const WARM_UP_MS = 6_000;

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    queries: { type: "string", default: "3000" },
    part: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const queries = Number(values.queries);
if (!(queries >= 20 * SESSIONS)) throw new Error(`--queries must be a number of at least ${20 * SESSIONS}`);
const each = Math.ceil(queries / SESSIONS);
const PARTS = ["embedded", "after-each", "every-5-s"] as const;
const chosen = PARTS.filter((name) => values.part === undefined || values.part === name);
if (chosen.length === 0) throw new Error(`--part must be one of ${PARTS.join(", ")}`);

const ARMS = ["off", "off again", "100 %", "10 %"] as const;
type Arm = (typeof ARMS)[number];
const ENV: Readonly<Record<Arm, Record<string, string>>> = {
  off: { OTEL_ENABLED: "false" },
  "off again": { OTEL_ENABLED: "false" },
  "100 %": { OTEL_TRACES_SAMPLER_ARG: "1" },
  "10 %": { OTEL_TRACES_SAMPLER_ARG: "0.1" },
};
const TIMED: Variant = { name: "query", handler: "timed.handler", env: {} };

/** What peers/timed.mjs returns: `ms` of this query, CPU time and heap of the process up to it. */
interface Sample {
  statusCode: number;
  ms: number;
  cpuMs: number;
  /** Bytes in use. */
  heap: number;
}
/** The samples of the processes of one session. */
type Session = Record<Arm, Sample[]>;

interface Part {
  title: string;
  run(): Promise<Session[]>;
  goals(sessions: readonly Session[]): Goal[];
}

const variants = await prepareVariants("seed-golden.ts");
const receiver = await startReceiver("127.0.0.1", 0, { onTraces() {}, onMetrics() {} });
try {
  const { questions } = await loadDataset(join(ROOT, "test/fixtures/golden"), () => loadSampleCorpus(ROOT));
  const golden = (number: number) => questions[number % questions.length]?.text ?? "";
  const parts: Record<(typeof PARTS)[number], Part> = {
    embedded: {
      title: "Every question embedded",
      run: () => measure((number) => `${golden(number)} (${number})`),
      goals: (sessions) => [
        { figure: "p95, 100 % / off", goal: 1.01, measured: ratioOfP95(sessions, "100 %") },
        { figure: "p95, 10 % / off", goal: 1.005, measured: ratioOfP95(sessions, "10 %") },
      ],
    },
    "after-each": {
      title: "Everything cached, exported after each",
      run: () => measure(golden),
      goals: (sessions) => [
        { figure: "CPU per query, exported after each", goal: 0.6, unit: " ms", measured: addedCpu(sessions, "100 %") },
      ],
    },
    "every-5-s": {
      title: "Everything cached, exported every 5 s",
      run: () => measure(golden, { AWS_LAMBDA_INITIALIZATION_TYPE: "lambda-managed-instances" }),
      goals: (sessions) => [
        { figure: "CPU per query, exported every 5 s", goal: 0.25, unit: " ms", measured: addedCpu(sessions, "100 %") },
      ],
    },
  };
  const tables: Parameters<typeof report>[1] = {};
  const goals: Goal[] = [];
  for (const name of chosen) {
    const { title, run, goals: goalsOf } = parts[name];
    const sessions = await run();
    tables[`${title}: ${each * SESSIONS} queries each`] = ARMS.map((arm) => rowOf(sessions, arm));
    goals.push(...goalsOf(sessions));
  }
  report("overhead", tables, goals);
} finally {
  receiver?.close();
  variants.close();
}

async function measure(
  question: (number: number) => string,
  more: Readonly<Record<string, string>> = {},
): Promise<Session[]> {
  const sessions: Session[] = [];
  while (sessions.length < SESSIONS) sessions.push(await measureSession(question, more));
  return sessions;
}

async function measureSession(
  question: (number: number) => string,
  more: Readonly<Record<string, string>>,
): Promise<Session> {
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
    const samples: Session = { off: [], "off again": [], "100 %": [], "10 %": [] };
    const warm = performance.now() + WARM_UP_MS;
    for (let number = 0; samples.off.length < each; number += 1) {
      const isWarm = number >= WARM_UP && performance.now() >= warm;
      for (const turn of ARMS.keys()) {
        // The first of a round finds the CPU caches cold, so the order rotates.
        const { arm, environment } = environments[(number + turn) % ARMS.length] as (typeof environments)[number];
        const sample = await ask(environment, question(number));
        if (isWarm) samples[arm].push(sample);
      }
    }
    return samples;
  } finally {
    await Promise.all(environments.map(({ environment }) => environment.kill()));
    rmSync(folder, { recursive: true, force: true });
  }
}

async function ask(environment: Environment, question: string): Promise<Sample> {
  const { body, settled } = await environment.invoke(httpEvent("POST", "/query", { question }), { timeoutMs: 30_000 });
  await settled;
  const sample = body as Sample;
  if (sample?.statusCode !== 200)
    throw new Error(`expected status 200, got ${JSON.stringify(body)}; stderr: ${environment.stderr.at(-1)}`);
  return sample;
}

function p95(samples: readonly Sample[]): number {
  return quantile(
    samples.map(({ ms }) => ms),
    0.95,
  );
}

/** The median of the sessions' ratios of p95, each of interleaved queries. */
function ratioOfP95(sessions: readonly Session[], arm: Arm): Estimate {
  return bootstrap(sessions, (drawn) => median(drawn.map((session) => p95(session[arm]) / p95(session.off))));
}

/** CPU milliseconds per query from the first query of a session to its last, exports included. */
function cpuOf(samples: readonly Sample[]): number {
  return ((samples.at(-1)?.cpuMs ?? Number.NaN) - (samples[0]?.cpuMs ?? Number.NaN)) / (samples.length - 1);
}

function addedCpu(sessions: readonly Session[], arm: Arm): Estimate {
  return bootstrap(sessions, (drawn) => median(drawn.map((session) => cpuOf(session[arm]) - cpuOf(session.off))));
}

/** Median heap growth per query in bytes; queries with a garbage collection in between are outliers. */
function allocated(samples: readonly Sample[]): number {
  return median(samples.slice(1).map(({ heap }, index) => heap - (samples[index]?.heap ?? Number.NaN)));
}

function rowOf(sessions: readonly Session[], arm: Arm) {
  const samples = sessions.flatMap((session) => session[arm]);
  const times = samples.map(({ ms }) => ms);
  const ratio = ratioOfP95(sessions, arm);
  const cpu = addedCpu(sessions, arm);
  return {
    telemetry: arm,
    "p50, ms": short(quantile(times, 0.5)),
    "p95, ms": short(quantile(times, 0.95)),
    "p99, ms": short(quantile(times, 0.99)),
    "p95 / off": arm === "off" ? "" : `${ratio.value.toFixed(3)} (${ratio.low.toFixed(3)} to ${ratio.high.toFixed(3)})`,
    "CPU, ms": short(median(sessions.map((session) => cpuOf(session[arm])))),
    "CPU − off, ms": arm === "off" ? "" : `${cpu.value.toFixed(2)} (${cpu.low.toFixed(2)} to ${cpu.high.toFixed(2)})`,
    "allocated, KB": short(allocated(samples) / 1_000),
  };
}
