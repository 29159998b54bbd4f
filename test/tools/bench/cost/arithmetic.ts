/** What telemetry adds to an average query. */
export interface PerQuery {
  /** Billed milliseconds, before the response and after it. */
  billedMs: number;
  /** Bytes sent, headers included. */
  bytes: number;
}

export interface Rates {
  /** US dollars per GB-second; a GB of memory is 2^30 bytes. */
  compute: number;
  /** US dollars per million invocations. */
  invocations: number;
  /** US dollars per GB; a GB of traffic is 10^9 bytes. */
  transfer: number;
}

/** US dollars for a million queries. */
export interface Cost {
  compute: number;
  init: number;
  transfer: number;
  total: number;
}

export interface LambdaFunction {
  memoryMb: number;
  /** Billed milliseconds of a query with telemetry off. */
  queryMs: number;
  /** Share in [0, 1] of invocations that start an environment. */
  coldShare: number;
}

export interface Layer {
  memoryMb: number;
  initMs: number;
}

const QUERIES = 1e6;

/** The average when a share in [0, 1] of the queries is traced; metrics count all of them. */
export function atShare(share: number, traced: PerQuery, untraced: PerQuery): PerQuery {
  const mix = (of: keyof PerQuery) => share * traced[of] + (1 - share) * untraced[of];
  return { billedMs: mix("billedMs"), bytes: mix("bytes") };
}

/** @returns US dollars for a million times `ms` milliseconds */
export function computeCost(memoryMb: number, ms: number, rates: Rates): number {
  return QUERIES * (memoryMb / 1024) * (ms / 1000) * rates.compute;
}

/**
 * A function that exports waits for its collector; with a batching layer it does not wait.
 *
 * @returns the collector's latency in milliseconds at which both cost the same
 */
export function breakEvenMs(own: Cost, layer: Cost, of: LambdaFunction, rates: Rates): number {
  return (layer.total - own.total) / computeCost(of.memoryMb, 1, rates);
}

/** Cost of the queries with telemetry off, including the price of invocations. */
export function queriesCost({ memoryMb, queryMs }: LambdaFunction, rates: Rates): number {
  return rates.invocations + computeCost(memoryMb, queryMs, rates);
}

/** What telemetry adds when the function exports it itself. */
export function telemetryCost(perQuery: PerQuery, initMs: number, of: LambdaFunction, rates: Rates): Cost {
  return sum({
    compute: computeCost(of.memoryMb, perQuery.billedMs, rates),
    init: computeCost(of.memoryMb, initMs * of.coldShare, rates),
    transfer: QUERIES * (perQuery.bytes / 1e9) * rates.transfer,
  });
}

/**
 * The same with a collector in a layer, to which the function sends `handed` and which exports `sentBytes`. The
 * layer's memory is billed as long as the function runs; its CPU time is taken as free.
 */
export function layerCost(
  handed: PerQuery,
  sentBytes: number,
  initMs: number,
  layer: Layer,
  of: LambdaFunction,
  rates: Rates,
): Cost {
  const own = telemetryCost({ ...handed, bytes: sentBytes }, initMs, of, rates);
  const all = of.memoryMb + layer.memoryMb;
  return sum({
    compute: own.compute + computeCost(layer.memoryMb, of.queryMs + handed.billedMs, rates),
    init:
      own.init +
      computeCost(layer.memoryMb, initMs * of.coldShare, rates) +
      computeCost(all, layer.initMs * of.coldShare, rates),
    transfer: own.transfer,
  });
}

function sum(parts: Omit<Cost, "total">): Cost {
  return { ...parts, total: parts.compute + parts.init + parts.transfer };
}
