/**
 * `npm run bench -- load --harness [--seconds 10] [--json]`: the golden questions to 1, 2, 4 and 8 concurrent
 * environments of the Lambda simulator. As on Lambda, each environment handles one request at a time, exports its
 * telemetry after the response and is then frozen; load grows with the number of environments. The numbers of
 * environments alternate in five rounds. Linux only. Exits with 1 when a query failed or its trace was not sent.
 */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadSampleCorpus } from "../../../../local-stack/dev/corpus.ts";
import { loadDataset } from "../../eval/dataset.ts";
import type { Environment } from "../../lambda/environment.ts";
import { httpEvent } from "../../lambda/events.ts";
import { median, quantile } from "../../lambda/stats.ts";
import { type Goal, report, short } from "../goals.ts";
import { OURS, prepareVariants } from "../telemetry/variants.ts";
import { type OtlpCounter, type OtlpCounts, startOtlpCounter } from "./otlp-counter.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const CONCURRENCY = [1, 2, 4, 8];
const ROUNDS = 5;
const WARM_UP_QUERIES = 50;

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    harness: { type: "boolean" },
    seconds: { type: "string", default: "10" },
    json: { type: "boolean", default: false },
  },
});
const seconds = Number(values.seconds);
if (!(seconds >= ROUNDS)) throw new Error(`--seconds must be at least ${ROUNDS}`);

/** Milliseconds. */
interface Round {
  perSecond: number;
  latencies: number[];
  /** From the delivery of an invocation until its environment is frozen. */
  awake: number[];
  failed: number;
  telemetry: OtlpCounts;
}

const variants = await prepareVariants("seed-golden.ts");
const collector = await startOtlpCounter();
const folder = mkdtempSync(join(tmpdir(), "edge-rag-load-"));
const environments: Environment[] = [];
try {
  const { questions } = await loadDataset(join(ROOT, "test/fixtures/golden"), () => loadSampleCorpus(ROOT));
  let asked = 0;
  const next = () => questions[asked++ % questions.length]?.text ?? "";

  for (const number of Array(Math.max(...CONCURRENCY)).keys()) {
    // Environments share no disk.
    const dataDir = join(folder, String(number));
    cpSync(variants.dataDir, dataDir, { recursive: true });
    const endpoint = `http://localhost:${collector.port}`;
    environments.push(await variants.start(OURS, { RAG_DATA_DIR: dataDir, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }));
  }
  for (const environment of environments) {
    for (let query = 0; query < WARM_UP_QUERIES; query += 1) await ask(environment, next());
  }

  const rounds = new Map<number, Round[]>(CONCURRENCY.map((concurrency) => [concurrency, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [concurrency, done] of rounds)
      done.push(await measure(environments.slice(0, concurrency), collector, next));
  }
  const all = [...rounds.values()].flat();
  const responses = sum(all.map(({ latencies }) => latencies.length));
  const traces = sum(all.map(({ telemetry }) => telemetry.traces.requests));
  report(
    "load --harness",
    { [`${seconds} s each`]: [...rounds].map(([concurrency, done]) => rowOf(concurrency, done)) },
    [
      counted("failed queries", sum(all.map(({ failed }) => failed))),
      counted("responses whose trace was not sent", responses - traces),
    ],
  );
} finally {
  await Promise.all(environments.map((environment) => environment.kill()));
  collector.close();
  variants.close();
  rmSync(folder, { recursive: true, force: true });
}

async function ask(environment: Environment, question: string) {
  const delivered = performance.now();
  const event = httpEvent("POST", "/query", { question });
  const { body, latencyMs, settled } = await environment.invoke(event, { timeoutMs: 30_000 });
  await settled;
  return {
    ok: (body as { statusCode?: number })?.statusCode === 200,
    latencyMs,
    awakeMs: performance.now() - delivered,
  };
}

async function measure(some: readonly Environment[], counter: OtlpCounter, next: () => string): Promise<Round> {
  const round: Omit<Round, "perSecond" | "telemetry"> = { latencies: [], awake: [], failed: 0 };
  counter.take();
  const started = performance.now();
  const end = started + (seconds / ROUNDS) * 1_000;
  await Promise.all(
    some.map(async (environment) => {
      while (performance.now() < end) {
        const { ok, latencyMs, awakeMs } = await ask(environment, next());
        if (!ok) round.failed += 1;
        round.latencies.push(latencyMs);
        round.awake.push(awakeMs);
      }
    }),
  );
  const perSecond = (round.latencies.length * 1_000) / (performance.now() - started);
  return { ...round, perSecond, telemetry: counter.take() };
}

function rowOf(concurrency: number, rounds: readonly Round[]) {
  const latencies = rounds.flatMap((round) => round.latencies);
  const awake = rounds.flatMap((round) => round.awake);
  const mean = (of: (counts: OtlpCounts) => number) =>
    sum(rounds.map(({ telemetry }) => of(telemetry))) / latencies.length;
  return {
    environments: concurrency,
    "queries/s": short(median(rounds.map(({ perSecond }) => perSecond))),
    queries: latencies.length,
    "p50, ms": short(quantile(latencies, 0.5)),
    "p99, ms": short(quantile(latencies, 0.99)),
    "awake p50, ms": short(quantile(awake, 0.5)),
    "memory each, MB": short(median(environments.slice(0, concurrency).map(({ peakMemory }) => peakMemory)) / 1e6),
    "trace, metric requests/query": `${mean(({ traces }) => traces.requests).toFixed(2)}, ${mean(({ metrics }) => metrics.requests).toFixed(2)}`,
    "telemetry/query, KB": short(mean(({ traces, metrics }) => traces.bytes + metrics.bytes) / 1_000),
  };
}

function counted(figure: string, value: number): Goal {
  return { figure, goal: 0, measured: { value, low: value, high: value } };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
