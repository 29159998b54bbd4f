/**
 * `npm run bench -- collector-down [--rounds 200] [--json]`: how much longer an invocation takes while the collector
 * refuses connections, never responds, or is slow. The project alternates with no telemetry; the peers, which mostly
 * wait, run concurrently and only a few times. Linux only. Exits with 1 when a goal is missed.
 */
import { parseArgs } from "node:util";
import type { Environment } from "../../lambda/environment.ts";
import { queryEvent } from "../../lambda/events.ts";
import { FaultyCollector, type Mode } from "../../lambda/faulty-collector.ts";
import { median, quantile } from "../../lambda/stats.ts";
import { type Goal, report, short } from "../goals.ts";
import { bootstrap } from "../statistics/interval.ts";
import { NONE, OURS, prepareVariants, STOCK, VARIANTS, type Variant } from "./variants.ts";

const MODES: readonly { name: string; mode: Mode; dead: boolean }[] = [
  { name: "refuses connections", mode: { kind: "refuse" }, dead: true },
  { name: "never responds", mode: { kind: "silent" }, dead: true },
  // 66 bytes.
  { name: "responds in 2 s", mode: { kind: "trickle", byteMs: 30 }, dead: false },
];
const WARM_UP = 20;
/** Invocations of each peer, which take seconds. */
const PEER_ROUNDS = 4;
/** The stock SDK waits up to 10 s for each of two signals. */
const TIMEOUT_MS = 120_000;
const GOAL = 1 / 4_000;

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: { rounds: { type: "string", default: "200" }, json: { type: "boolean", default: false } },
});
const rounds = Number(values.rounds);
if (!(rounds >= 1)) throw new Error("--rounds must be a number above 0");

/** Milliseconds of one invocation. */
interface Timing {
  response: number;
  /** Until the environment may freeze. */
  billed: number;
}

const variants = await prepareVariants();
try {
  const goals: Goal[] = [];
  const tables: Record<string, object[]> = {};
  for (const { name, mode, dead } of MODES) {
    const pairs = await measureInTurn(mode);
    const others = new Map<Variant, Timing[]>();
    const peers = VARIANTS.filter((variant) => variant !== NONE && variant !== OURS);
    await Promise.all(peers.map(async (variant) => others.set(variant, await measurePeer(variant, mode))));

    const base = (of: keyof Timing) => median(pairs.map(({ none }) => none[of]));
    const added = (drawn: typeof pairs) => median(drawn.map(({ ours, none }) => ours.response - none.response));
    tables[`The collector ${name}: additional milliseconds over no telemetry, medians`] = [
      rowOf(
        OURS,
        added(pairs),
        median(pairs.map(({ ours, none }) => ours.billed - none.billed)),
        pairs.map(({ ours }) => ours),
      ),
      ...peers.map((variant) => {
        const spent = others.get(variant) ?? [];
        const beyond = (of: keyof Timing) => median(spent.map((one) => one[of])) - base(of);
        return rowOf(variant, beyond("response"), beyond("billed"), spent);
      }),
    ];
    const stock = median((others.get(STOCK) ?? []).map(({ response }) => response)) - base("response");
    if (dead) {
      const figure = `the collector ${name}: added to the response / by the stock SDK`;
      goals.push({ figure, goal: GOAL, measured: bootstrap(pairs, (drawn) => added([...drawn]) / stock) });
    }
  }
  report("collector-down", tables, goals);
} finally {
  variants.close();
}

function rowOf(variant: Variant, response: number, billed: number, spent: readonly Timing[]) {
  const worst = (of: keyof Timing) =>
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

/** Alternates the project and no telemetry. Includes the first invocations after the collector fails. */
async function measureInTurn(mode: Mode): Promise<{ ours: Timing; none: Timing }[]> {
  const collector = await FaultyCollector.start();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
  const ours = await variants.start(OURS, env);
  const none = await variants.start(NONE, env);
  try {
    for (let round = 0; round < WARM_UP; round += 1) for (const environment of [ours, none]) await invoke(environment);
    await collector.become(mode);
    const pairs: { ours: Timing; none: Timing }[] = [];
    for (let round = 0; round < rounds; round += 1) {
      if (round % 2 === 0) pairs.push({ ours: await invoke(ours), none: await invoke(none) });
      else pairs.push({ none: await invoke(none), ours: await invoke(ours) });
    }
    return pairs;
  } finally {
    await Promise.all([ours.kill(), none.kill(), collector.close()]);
  }
}

async function measurePeer(variant: Variant, mode: Mode): Promise<Timing[]> {
  const collector = await FaultyCollector.start();
  const environment = await variants.start(variant, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  try {
    for (let round = 0; round < WARM_UP; round += 1) await invoke(environment);
    await collector.become(mode);
    const spent: Timing[] = [];
    for (let round = 0; round < PEER_ROUNDS; round += 1) spent.push(await invoke(environment));
    return spent;
  } finally {
    await Promise.all([environment.kill(), collector.close()]);
  }
}

async function invoke(environment: Environment): Promise<Timing> {
  const { latencyMs, at, settled, outcome } = await environment.invoke(queryEvent(), { timeoutMs: TIMEOUT_MS });
  const end = await settled;
  if (outcome !== "response" || end !== "frozen")
    throw new Error(`expected a response and a freeze; the invocation ended with ${outcome}, then ${end}`);
  return { response: latencyMs, billed: latencyMs + frozenAt(environment) - at };
}

function frozenAt({ marks }: Environment): number {
  return marks.findLast(({ what }) => what === "frozen")?.at ?? Number.NaN;
}
