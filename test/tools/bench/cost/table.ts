import { cpus } from "node:os";
import { type Cost, computeCost, type LambdaFunction, type Rates } from "./arithmetic.ts";
import { COLD_STARTS, COLLECTOR_LAYER, VCPU } from "./cited.ts";
import type { ArmFigures, ArmName } from "./measure.ts";
import { PRICES, PRICES_OF } from "./prices.ts";

export interface CostFigures {
  rounds: number;
  function: LambdaFunction;
  rates: Rates;
  /** Milliseconds that telemetry adds to init. */
  init_ms: number;
  arms: Record<ArmName, ArmFigures>;
  queries_usd: number;
  shares: {
    share: number;
    json: Cost;
    gzip: Cost;
    layer: Cost;
    layer_spare: Cost;
    break_even_ms: number;
    break_even_ms_of_a_second: number;
  }[];
  missed: string[];
}

const ROUTES = {
  json: "from the function, JSON",
  gzip: "from the function, gzip",
  layer: "with a layer, gzip",
  layer_spare: "with a layer, memory not counted",
} as const;

/** @returns lines to print */
export function costTable(figures: CostFigures): string[] {
  const { arms, shares, queries_usd, init_ms, missed, rates } = figures;
  const { memoryMb, queryMs } = figures.function;
  const { memory, init, exportEachTime } = COLLECTOR_LAYER;
  return [
    `Node.js ${process.version}, ${process.platform} ${process.arch}, ${cpus().length} cores, ${figures.rounds} rounds, ${memoryMb} MB`,
    "",
    "measured, one query       | billed | added | awake after | requests | traces | metrics | headers",
    ...Object.entries(arms).map(([name, arm]) =>
      [
        name.padEnd(25),
        ms(arm.billedMs).padStart(6),
        ms(arm.addedMs).padStart(5),
        ms(arm.awakeMs).padStart(11),
        arm.requests.toFixed(2).padStart(8),
        ...[arm.traceBytes, arm.metricBytes, arm.headerBytes].map((bytes) => `${bytes.toFixed(0)} B`.padStart(7)),
      ].join(" | "),
    ),
    `init: telemetry adds ${ms(init_ms)}`,
    `times are of a whole core; on Lambda ${memoryMb} MB have ${(memoryMb / VCPU.value).toFixed(2)} of one: ${VCPU.value} ${VCPU.unit} ${VCPU.about}; ${VCPU.source}`,
    "",
    `prices, checked on ${PRICES_OF}`,
    ...Object.entries(PRICES).map(
      ([name, { usd, unit, source, quotedIn }]) => `${name}: $${usd} per ${unit}; ${source}, as quoted in ${quotedIn}`,
    ),
    "cited, not measured here",
    ...[memory, init, exportEachTime].map(
      ({ value, unit, about, source }) => `layer: ${value} ${unit}: ${about}; ${source}`,
    ),
    `cold starts: ${COLD_STARTS.value} ${COLD_STARTS.unit}: ${COLD_STARTS.about}; ${COLD_STARTS.source}`,
    "",
    "compute = 10^6 × memory/1024 × added ms/1000 × price; of a layer: its memory × (query + added) on top",
    "init = 10^6 × cold starts × memory/1024 × init ms/1000 × price; transfer = 10^6 × bytes/10^9 × price",
    "",
    `US dollars per million queries; the queries themselves, ${ms(queryMs)} each: ${usd(queries_usd)}`,
    "goal at each share: from the function, gzip, costs less than with a layer, gzip",
    "traced | route                             | compute | init    | transfer | total",
    ...shares.flatMap((row) =>
      (Object.keys(ROUTES) as (keyof typeof ROUTES)[]).map((route) =>
        [
          `${row.share * 100} %`.padStart(6),
          ROUTES[route].padEnd(33),
          usd(row[route].compute).padStart(7),
          usd(row[route].init).padStart(7),
          usd(row[route].transfer).padStart(8),
          usd(row[route].total),
        ].join(" | "),
      ),
    ),
    "",
    `each additional ms of collector latency: ${usd(computeCost(memoryMb, 1, rates))}`,
    `each second that a query waits for its services: ${usd(0)} from the function, ${usd(computeCost(memory.value, 1000, rates))} with a layer`,
    ...shares.map(
      (row) =>
        `${row.share * 100} % traced: a batching layer pays off from a collector latency of ${ms(row.break_even_ms)}, or ${ms(row.break_even_ms_of_a_second)} with 1 s queries`,
    ),
    `a layer that exports after each invocation: ${usd(computeCost(memoryMb + memory.value, exportEachTime.value, rates))} more`,
    ...(missed.length > 0 ? missed.map((goal) => `missed: ${goal}`) : ["all goals met"]),
  ];
}

const ms = (value: number) => `${value.toFixed(1)} ms`;
const usd = (value: number) => `$${value.toFixed(3)}`;
