/**
 * `npm run bench -- collector-down [--rounds 200] [--json]`: what an invocation costs more while the collector refuses,
 * never answers, or is slow. The project takes turns with no telemetry; the others, which mostly wait, run side by side
 * and a few times only. Linux only. Exits with 1 when a goal is missed.
 */
import { parseArgs } from "node:util";
import type { Environment } from "../lambda/environment.ts";
import { queryEvent } from "../lambda/events.ts";
import { FaultyCollector, type Mode } from "../lambda/faulty-collector.ts";
import { median, quantile } from "../lambda/stats.ts";
import { type Goal, report, short } from "./goals.ts";
import { bootstrap } from "./interval.ts";
import { NONE, OURS, prepareVariants, STOCK, VARIANTS, type Variant } from "./variants.ts";

const MODES: readonly { name: string; mode: Mode; dead: boolean }[] = [
  { name: "refuses connections", mode: { kind: "refuse" }, dead: true },
  { name: "never answers", mode: { kind: "silent" }, dead: true },
  // 66 bytes.
  { name: "answers in 2 s", mode: { kind: "trickle", byteMs: 30 }, dead: false },
];
const WARM_UP = 20;
/** Of the others, which take seconds each. */
const FEW = 4;
/** The stock SDK waits up to 10 s, for two signals. */
const TIMEOUT_MS = 120_000;
const GOAL = 1 / 4_000;

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: { rounds: { type: "string", default: "200" }, json: { type: "boolean", default: false } },
});
const rounds = Number(values.rounds);
if (!(rounds >= 1)) throw new Error("--rounds must be a number above 0");

/** Milliseconds of one invocation. */
interface Spent {
  response: number;
  /** Until the environment may freeze: what is billed. */
  billed: number;
}

const variants = await prepareVariants();
try {
  const goals: Goal[] = [];
  const tables: Record<string, object[]> = {};
  for (const { name, mode, dead } of MODES) {
    const pairs = await scheduleFairly(mode);
    const others = new Map<Variant, Spent[]>();
    const peers = VARIANTS.filter((variant) => variant !== NONE && variant !== OURS);
    await Promise.all(peers.map(async (variant) => others.set(variant, await alone(variant, mode))));

    const base = (of: keyof Spent) => median(pairs.map(({ none }) => none[of]));
    const added = (drawn: typeof pairs) => median(drawn.map(({ ours, none }) => ours.response - none.response));
    tables[`The collector ${name}: milliseconds more than without telemetry, medians`] = [
      rowOf(
        OURS,
        added(pairs),
        median(pairs.map(({ ours, none }) => ours.billed - none.billed)),
        pairs.map(({ ours }) => ours),
      ),
      ...peers.map((variant) => {
        const spent = others.get(variant) ?? [];
        const beyond = (of: keyof Spent) => median(spent.map((one) => one[of])) - base(of);
        return rowOf(variant, beyond("response"), beyond("billed"), spent);
      }),
    ];
    const stock = median((others.get(STOCK) ?? []).map(({ response }) => response)) - base("response");
    if (dead) {
      const figure = `the collector ${name}: added to the response, of the stock SDK's`;
      goals.push({ figure, goal: GOAL, measured: bootstrap(pairs, (drawn) => added([...drawn]) / stock) });
    }
  }
  report("collector-down", tables, goals);
} finally {
  variants.close();
}

function rowOf(variant: Variant, response: number, billed: number, spent: readonly Spent[]) {
  const worst = (of: keyof Spent) =>
    short(
      quantile(
        spent.map((one) => one[of]),
        1,
      ),
    );
  return {
    variant: variant.name,
    "response, ms": short(response),
    "billed, ms": short(billed),
    "slowest response, ms": worst("response"),
    "most billed, ms": worst("billed"),
    invocations: spent.length,
  };
}

/** The project and no telemetry, one after the other; the first ones that meet the dead collector are among them. */
async function scheduleFairly(mode: Mode): Promise<{ ours: Spent; none: Spent }[]> {
  const collector = await FaultyCollector.start();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
  const ours = await variants.start(OURS, env);
  const none = await variants.start(NONE, env);
  try {
    for (let round = 0; round < WARM_UP; round += 1) for (const environment of [ours, none]) await invoke(environment);
    await collector.become(mode);
    const pairs: { ours: Spent; none: Spent }[] = [];
    for (let round = 0; round < rounds; round += 1) {
      if (round % 2 === 0) pairs.push({ ours: await invoke(ours), none: await invoke(none) });
      else pairs.push({ none: await invoke(none), ours: await invoke(ours) });
    }
    return pairs;
  } finally {
    await Promise.all([ours.kill(), none.kill(), collector.close()]);
  }
}

async function alone(variant: Variant, mode: Mode): Promise<Spent[]> {
  const collector = await FaultyCollector.start();
  const environment = await variants.start(variant, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  try {
    for (let round = 0; round < WARM_UP; round += 1) await invoke(environment);
    await collector.become(mode);
    const spent: Spent[] = [];
    for (let round = 0; round < FEW; round += 1) spent.push(await invoke(environment));
    return spent;
  } finally {
    await Promise.all([environment.kill(), collector.close()]);
  }
}

async function invoke(environment: Environment): Promise<Spent> {
  const { latencyMs, at, settled, outcome } = await environment.invoke(queryEvent(), { timeoutMs: TIMEOUT_MS });
  const end = await settled;
  if (outcome !== "response" || end !== "frozen") throw new Error(`an invocation ended with ${outcome}, then ${end}`);
  return { response: latencyMs, billed: latencyMs + frozenAt(environment) - at };
}

function frozenAt({ marks }: Environment): number {
  return marks.findLast(({ what }) => what === "frozen")?.at ?? Number.NaN;
}
