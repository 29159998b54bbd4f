/**
 * `npm run bench -- coldstart [--rounds 30] [--json]`: what each telemetry setup adds to the cold start of the same
 * query function in the Lambda simulator, and how long the function with the clients of all services takes to start.
 * Every round starts each variant once, in rotating order. Linux only. Exits with 1 when a goal is missed.
 */
import { parseArgs } from "node:util";
import { queryEvent } from "../../lambda/events.ts";
import { FaultyCollector } from "../../lambda/faulty-collector.ts";
import { median } from "../../lambda/stats.ts";
import { startServices } from "../../size/services.ts";
import { type Goal, report, short } from "../goals.ts";
import { bootstrap } from "../statistics/interval.ts";
import {
  AUTO_INSTRUMENTED,
  BUNDLED_IMPORTS,
  EMPTY,
  IMPORTS,
  NONE,
  OURS,
  OURS_CACHED,
  prepareVariants,
  STOCK,
  VARIANTS,
  type Variant,
} from "../telemetry/variants.ts";

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: { rounds: { type: "string", default: "30" }, json: { type: "boolean", default: false } },
});
const rounds = Number(values.rounds);
if (!(rounds >= 1)) throw new Error("--rounds must be a number above 0");

/** Time for an exiting process to write V8's compile cache. */
const CACHE_WRITE_MS = 3_000;

/** Milliseconds and bytes. */
interface Start {
  init: number;
  /** CPU time of the main thread during init, which barely depends on the load of the machine. */
  cpu: number;
  first: number;
  memory: number;
}
type Round = Readonly<Record<string, Start>>;

/** The same function with OpenAI, Qdrant and Upstash. */
const HOSTED: Variant = { name: "query, all services", handler: "query.handler", env: { OTEL_ENABLED: "false" } };
const HOSTED_TRACED: Variant = { name: "query, all services, telemetry", handler: "query.handler", env: {} };
const STARTS = VARIANTS.toSpliced(2, 0, OURS_CACHED);
const CLIENTS = [EMPTY, HOSTED, HOSTED_TRACED, IMPORTS, BUNDLED_IMPORTS];

const variants = await prepareVariants();
const collector = await FaultyCollector.start();
const services = await startServices();
try {
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
  const telemetry = await measure(STARTS, endpoint, true);
  const { AWS_LAMBDA_RUNTIME_API: _, LAMBDA_TASK_ROOT: __, ...hosts } = services.env;
  const clients = await measure(CLIENTS, { ...hosts, ...endpoint, RAG_RATE_LIMIT: "60/1m" }, false);

  const goals: Goal[] = [
    ratio(
      "init added by telemetry / by auto-instrumentations-node",
      telemetry,
      [OURS, AUTO_INSTRUMENTED],
      NONE,
      1 / 30,
    ),
    ratio("init added by telemetry / by the stock SDK", telemetry, [OURS, STOCK], NONE, 0.3),
    ratio("init of query with all clients / of plain imports", clients, [HOSTED, IMPORTS], EMPTY, 1 / 3),
  ];
  const tables = {
    [`Telemetry, medians of ${rounds} starts`]: await Promise.all(
      STARTS.map(async (variant) => ({
        ...rowOf(variant, telemetry, NONE),
        "first invocation, ms": short(median(telemetry.map((round) => startOf(round, variant).first))),
        "memory, MB": short(median(telemetry.map((round) => startOf(round, variant).memory)) / 1e6),
        "bundle added, KB": Math.round((await variants.addedBytes(variant)) / 1_000),
      })),
    ),
    [`Clients, medians of ${rounds} starts`]: CLIENTS.map((variant) => rowOf(variant, clients, EMPTY)),
  };
  report("coldstart", tables, goals);
} finally {
  await Promise.all([collector.close(), services.close()]);
  variants.close();
}

async function measure(
  chosen: readonly Variant[],
  env: Readonly<Record<string, string>>,
  invokes: boolean,
): Promise<Round[]> {
  const all: Round[] = [];
  for (let round = -1; round < rounds; round += 1) {
    const starts: Record<string, Start> = {};
    for (const turn of chosen.keys()) {
      const variant = chosen[(turn + round + chosen.length) % chosen.length] as Variant;
      starts[variant.name] = await start(variant, env, invokes, round < 0);
    }
    // The first round only fills the page cache and V8's compile cache.
    if (round >= 0) all.push(starts);
  }
  return all;
}

async function start(
  variant: Variant,
  env: Readonly<Record<string, string>>,
  invokes: boolean,
  ends: boolean,
): Promise<Start> {
  const environment = await variants.start(variant, env);
  const { initMs: init, mainThreadCpu: cpu } = environment;
  try {
    if (!invokes) return { init, cpu, first: Number.NaN, memory: environment.peakMemory };
    const { latencyMs, outcome, settled } = await environment.invoke(queryEvent(), { timeoutMs: 30_000 });
    if (outcome !== "response") throw new Error(`${variant.name}: ${outcome}\n${environment.stderr.join("\n")}`);
    await settled;
    return { init, cpu, first: latencyMs, memory: environment.peakMemory };
  } finally {
    await (ends ? environment.shutdown(CACHE_WRITE_MS) : environment.kill());
  }
}

function startOf(round: Round, { name }: Variant): Start {
  const start = round[name];
  if (!start) throw new Error(`${name} was not started`);
  return start;
}

/** Median of the milliseconds of init, or of its CPU time, beyond those of the base in the same round. */
function addedBy(variant: Variant, measured: readonly Round[], base: Variant, what: "init" | "cpu" = "init"): number {
  return median(measured.map((round) => startOf(round, variant)[what] - startOf(round, base)[what]));
}

function rowOf(variant: Variant, measured: readonly Round[], base: Variant) {
  const { value, low, high } = bootstrap(measured, (drawn) => addedBy(variant, drawn, base));
  return {
    variant: variant.name,
    "init, ms": short(median(measured.map((round) => startOf(round, variant).init))),
    "added, ms": variant === base ? "" : short(value),
    "95 % interval": variant === base ? "" : `${short(low)} to ${short(high)}`,
    "added CPU, ms": variant === base ? "" : short(addedBy(variant, measured, base, "cpu")),
  };
}

function ratio(
  figure: string,
  measured: readonly Round[],
  [ours, theirs]: readonly [Variant, Variant],
  base: Variant,
  goal: number,
): Goal {
  const share = (drawn: readonly Round[]) => addedBy(ours, drawn, base) / addedBy(theirs, drawn, base);
  return { figure, goal, measured: bootstrap(measured, share) };
}
