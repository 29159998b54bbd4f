import { computeCost, type LambdaFunction, type Rates } from "../cost/arithmetic.ts";
import { VCPU } from "../cost/cited.ts";

/** What was measured: means per query, and of the collector. */
export interface Use {
  /** Processor time of the environment, in milliseconds. */
  cpuMs: number;
  traceBytes: number;
  metricBytes: number;
  collector: {
    /** Processor time per query, in milliseconds. */
    cpuMs: number;
    /** Bytes without load, and what each query a second adds. */
    idleMemory: number;
    memoryPerRate: number;
    series: number;
  };
}

/** What a rate of queries needs. */
export interface Needs {
  perSecond: number;
  /** Billed milliseconds of a query: its waits, and its processor time at the share of a core that the memory brings. */
  billedMs: number;
  /** Environments that are busy at once: the mean, and what is seldom (1 in 700 moments) exceeded. */
  environments: { mean: number; peak: number };
  /** GB-seconds an hour. */
  gbSeconds: number;
  /** Bytes a second, as JSON. */
  telemetry: number;
  collectorCores: number;
  /** Bytes. */
  collectorMemory: number;
  series: number;
  /** US dollars an hour; the collector's machine is not included. */
  usd: { compute: number; invocations: number; transfer: number; total: number };
}

const MILLION = 1e6;
const SECONDS_PER_HOUR = 3_600;
/** Standard deviations above the mean. */
const PEAK = 3;

/**
 * What an hour of `queriesPerHour` needs when queries arrive independently. The environments follow from Little's law,
 * L = λ × W (Little 1961); with one query in each, the number of busy ones has a Poisson distribution (M/G/∞), whose
 * variance is its mean. What a query takes, and the number of series, does not depend on the rate.
 *
 * @param of its `queryMs` is the time that a query waits for services
 */
export function needsOf(
  queriesPerHour: number,
  use: Use,
  { memoryMb, queryMs }: Pick<LambdaFunction, "memoryMb" | "queryMs">,
  rates: Rates,
): Needs {
  const perSecond = queriesPerHour / SECONDS_PER_HOUR;
  const billedMs = queryMs + use.cpuMs / Math.min(1, memoryMb / VCPU.value);
  const mean = (perSecond * billedMs) / 1_000;
  const bytes = use.traceBytes + use.metricBytes;
  const millions = queriesPerHour / MILLION;
  const compute = millions * computeCost(memoryMb, billedMs, rates);
  const invocations = millions * rates.invocations;
  const transfer = (queriesPerHour * bytes * rates.transfer) / 1e9;
  return {
    perSecond,
    billedMs,
    environments: { mean, peak: mean + PEAK * Math.sqrt(mean) },
    gbSeconds: queriesPerHour * (memoryMb / 1_024) * (billedMs / 1_000),
    telemetry: perSecond * bytes,
    collectorCores: (perSecond * use.collector.cpuMs) / 1_000,
    collectorMemory: use.collector.idleMemory + perSecond * use.collector.memoryPerRate,
    series: use.collector.series,
    usd: { compute, invocations, transfer, total: compute + invocations + transfer },
  };
}

/** A figure at a number of environments. */
export interface Point {
  environments: number;
  value: number;
}

/**
 * The figure at another number of environments, as the model has it: the mean of the points for what an environment or a
 * query takes, in proportion to the environments for their sum.
 *
 * @returns the prediction, and by what share it is off what was measured
 */
export function predict(
  points: readonly Point[],
  measured: Point,
  grows: "never" | "with environments",
): { predicted: number; error: number } {
  const scale = ({ environments }: Point) => (grows === "never" ? 1 : environments);
  const each = points.reduce((sum, point) => sum + point.value / scale(point), 0) / points.length;
  const predicted = each * scale(measured);
  return { predicted, error: predicted / measured.value - 1 };
}
