import type { Environment } from "../../lambda/environment.ts";
import { queryEvent } from "../../lambda/events.ts";
import type { FaultyCollector, Received } from "../../lambda/faulty-collector.ts";
import type { Stage } from "../../lambda/stage.ts";
import { median } from "../../lambda/stats.ts";

const WARM_UP = 30;

const SETTINGS = {
  off: { OTEL_ENABLED: "false" },
  json: {},
  json_untraced: { OTEL_TRACES_SAMPLER: "always_off" },
  gzip: { OTEL_EXPORTER_OTLP_COMPRESSION: "gzip" },
  gzip_untraced: { OTEL_EXPORTER_OTLP_COMPRESSION: "gzip", OTEL_TRACES_SAMPLER: "always_off" },
} as const;
export type ArmName = keyof typeof SETTINGS;

/** Figures per query; times are medians in milliseconds, bytes and requests are means. */
export interface ArmFigures {
  /** From the delivery of the event until the environment is frozen. */
  billedMs: number;
  /** Median of the differences from the query with telemetry off in the same round. */
  addedMs: number;
  /** From the response until the environment is frozen. */
  awakeMs: number;
  requests: number;
  traceBytes: number;
  metricBytes: number;
  headerBytes: number;
}

interface Arm {
  environment: Environment;
  collector: FaultyCollector;
  billed: number[];
  awake: number[];
}

/** Interleaved queries of the bundled function with telemetry off and on, with a collector on loopback. */
export async function measureQueries(stage: Stage, rounds: number): Promise<Record<ArmName, ArmFigures>> {
  const arms = new Map<ArmName, Arm>();
  for (const [name, env] of Object.entries(SETTINGS) as [ArmName, Record<string, string>][]) {
    const collector = await stage.collector();
    arms.set(name, { collector, environment: await stage.start({ collector, env }), billed: [], awake: [] });
  }
  const inTurn = [...arms.values()];
  for (let round = 0; round < WARM_UP; round += 1) for (const arm of inTurn) await ask(arm);
  for (const arm of inTurn) {
    arm.collector.requests.length = arm.billed.length = arm.awake.length = 0;
  }
  for (let round = 0; round < rounds; round += 1) {
    // The first of a round finds the CPU caches cold, so the order rotates.
    for (const turn of inTurn.keys()) {
      const arm = inTurn[(round + turn) % inTurn.length];
      if (arm) await ask(arm);
    }
  }
  const off = arms.get("off")?.billed ?? [];
  const figures = [...arms].map(([name, arm]) => [name, figuresOf(arm, off)] as const);
  return Object.fromEntries(figures) as Record<ArmName, ArmFigures>;
}

/** @returns milliseconds that telemetry adds to init: the median of pairwise differences */
export async function measureInit(stage: Stage, pairs: number): Promise<number> {
  const collector = await stage.collector();
  const differences: number[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const initMs = { json: Number.NaN, off: Number.NaN };
    for (const name of pair % 2 ? (["json", "off"] as const) : (["off", "json"] as const)) {
      const environment = await stage.start({ collector, env: SETTINGS[name] });
      initMs[name] = environment.initMs;
      await environment.kill();
    }
    differences.push(initMs.json - initMs.off);
  }
  return median(differences);
}

async function ask({ environment, billed, awake }: Arm): Promise<void> {
  const { requestId, outcome, latencyMs, at, settled } = await environment.invoke(queryEvent());
  const end = await settled;
  if (outcome !== "response" || end !== "frozen")
    throw new Error(`expected a response and a freeze; query ${requestId} ended with ${outcome}, then ${end}`);
  const idle = environment.marks.findLast(({ what }) => what === "idle")?.at ?? Number.NaN;
  awake.push(idle - at);
  billed.push(latencyMs + idle - at);
}

function figuresOf({ billed, awake, collector }: Arm, off: readonly number[]): ArmFigures {
  const perQuery = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / billed.length;
  const bytesOf = (path: string) =>
    perQuery(collector.requests.filter((request) => request.path === path).map(({ bytes }) => bytes));
  return {
    billedMs: median(billed),
    addedMs: median(billed.map((ms, round) => ms - (off[round] ?? Number.NaN))),
    awakeMs: median(awake),
    requests: collector.requests.length / billed.length,
    traceBytes: bytesOf("/v1/traces"),
    metricBytes: bytesOf("/v1/metrics"),
    headerBytes: perQuery(collector.requests.map(headerBytes)),
  };
}

/** Size of the request line and headers as HTTP/1.1 sends them. */
function headerBytes({ path, headers }: Received): number {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${path} HTTP/1.1\r\n${lines.join("")}\r\n`.length;
}
