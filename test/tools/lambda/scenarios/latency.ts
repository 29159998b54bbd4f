import type { Environment } from "../environment.ts";
import { queryEvent } from "../events.ts";
import type { Mode } from "../faulty-collector.ts";
import type { Row, Scenario, Stage } from "../stage.ts";
import { blocksOf, median, quantile, signed } from "../stats.ts";

const MODES: readonly (readonly [name: string, mode: Mode])[] = [
  ["healthy", { kind: "healthy" }],
  ["refuses connections", { kind: "refuse" }],
  ["never responds", { kind: "silent" }],
  ["resets mid-body", { kind: "reset" }],
  ["429, Retry-After in seconds", { kind: "status", status: 429, retryAfter: 5 }],
  ["429, Retry-After as a date", { kind: "status", status: 429, retryAfter: new Date(Date.now() + 3_600_000) }],
  ["500", { kind: "status", status: 500 }],
  ["400", { kind: "status", status: 400 }],
  ["partial success", { kind: "partial", rejected: 1 }],
  ["one byte per second", { kind: "trickle" }],
];

/** Modes also measured without an extension, where the flush is inline. */
const WITHOUT_EXTENSION = ["refuse", "silent"];

const WARM_UP = 30;
const ROUNDS = 500;
const BLOCK = 100;
/** A mode that delays every invocation would take an hour: its rounds stop here. */
const LIMIT_MS = 40_000;
const FIRST_FAILURE_MS = 300;

/**
 * What telemetry adds to the time until the response is at the Runtime API. Three environments alternate: with
 * telemetry, without, and without again as an A/A test of the machine's noise. The p99 is the median, over blocks of
 * 100, of the difference between the two p99s; noise is subtracted only where it is positive.
 */
export const latency: Scenario = {
  name: "latency",
  async run(stage) {
    const rows: Row[] = [];
    for (const [name, mode] of MODES) rows.push(await measure(stage, name, mode, true));
    for (const [name, mode] of MODES) {
      if (WITHOUT_EXTENSION.includes(mode.kind)) rows.push(await measure(stage, name, mode, false));
    }
    return rows;
  },
};

async function measure(stage: Stage, name: string, mode: Mode, withExtension: boolean): Promise<Row> {
  const collector = await stage.collector();
  const refusesExtensions = !withExtension;
  const on = await stage.start({ collector, refusesExtensions });
  const off = await stage.start({ refusesExtensions, env: { OTEL_ENABLED: "false" } });
  const again = await stage.start({ refusesExtensions, env: { OTEL_ENABLED: "false" } });
  const arms = [on, off, again];
  for (let round = 0; round < WARM_UP; round += 1) for (const arm of arms) await latencyOf(arm);

  await collector.become(mode);
  const firstMs = await latencyOf(on);
  const samples = arms.map((): number[] => []);
  const started = performance.now();
  for (let round = 0; round < ROUNDS && performance.now() - started < LIMIT_MS; round += 1) {
    // The first of a round finds the CPU caches cold, so the order rotates.
    for (const turn of [0, 1, 2]) {
      const index = (round + turn) % 3;
      const arm = arms[index];
      if (arm) samples[index]?.push(await latencyOf(arm));
    }
  }
  await Promise.all(arms.map((arm) => arm.kill()));
  await collector.close();
  const [withTelemetry = [], without = [], withoutAgain = []] = samples;
  const p99 = difference(withTelemetry, without);
  const noise = difference(withoutAgain, without);
  const first = Math.max(0, firstMs - median(without));
  const goal = mode.kind === "healthy" ? 1 : 2;
  const failing = mode.kind !== "healthy" && !withExtension;
  // A single sample: with an extension it must not be slower than the slowest without telemetry.
  const firstOk = mode.kind === "healthy" || (failing ? first <= FIRST_FAILURE_MS : firstMs <= quantile(without, 1));
  return {
    figure: `added to the response, p99: ${name}${withExtension ? "" : ", no extension"}`,
    goal: `≤ ${goal} ms${failing ? `, first ≤ ${FIRST_FAILURE_MS} ms` : ""}`,
    measured:
      `p50 ${signed(median(withTelemetry) - median(without))}, p99 ${signed(p99)} ` +
      `(noise ${signed(noise)}), first ${signed(first)}, n=${withTelemetry.length}`,
    ok: p99 - Math.max(0, noise) <= goal && firstOk,
    timing: true,
  };
}

async function latencyOf(environment: Environment): Promise<number> {
  const { latencyMs, settled, outcome } = await environment.invoke(queryEvent(), { timeoutMs: 10_000 });
  const end = await settled;
  if (outcome !== "response" || end !== "frozen")
    throw new Error(`expected a response and a freeze; the invocation ended with ${outcome}, then ${end}`);
  return latencyMs;
}

function difference(one: readonly number[], other: readonly number[]): number {
  const others = blocksOf(other, BLOCK);
  return median(
    blocksOf(one, BLOCK).map((block, index) => quantile(block, 0.99) - quantile(others[index] ?? other, 0.99)),
  );
}
