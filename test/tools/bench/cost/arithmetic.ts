/** What telemetry adds to one query, on average. */
export interface PerQuery {
  /** Billed milliseconds, before the response and after it. */
  billedMs: number;
  /** Sent, headers included. */
  bytes: number;
}

export interface Rates {
  /** US dollars a GB-second; a GB of memory is 2^30 bytes. */
  compute: number;
  /** US dollars a million invocations. */
  invocations: number;
  /** US dollars a GB; a GB of traffic is 10^9 bytes. */
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
  /** Milliseconds that a query is billed for with telemetry off. */
  queryMs: number;
  /** In [0, 1]: invocations that start an environment. */
  coldShare: number;
}

export interface Layer {
  memoryMb: number;
  initMs: number;
}

const QUERIES = 1e6;

/** A share in [0, 1] of the queries is traced, all are counted. */
export function atShare(share: number, traced: PerQuery, untraced: PerQuery): PerQuery {
  const mix = (of: keyof PerQuery) => share * traced[of] + (1 - share) * untraced[of];
  return { billedMs: mix("billedMs"), bytes: mix("bytes") };
}

/** @returns US dollars of a million times so many milliseconds */
export function computeCost(memoryMb: number, ms: number, rates: Rates): number {
  return QUERIES * (memoryMb / 1024) * (ms / 1000) * rates.compute;
}

/**
 * A function that sends waits for its collector; a layer that batches does not let it wait.
 *
 * @returns how many milliseconds away the collector is where both cost the same
 */
export function breakEvenMs(own: Cost, layer: Cost, of: LambdaFunction, rates: Rates): number {
  return (layer.total - own.total) / computeCost(of.memoryMb, 1, rates);
}

/** What the queries cost with telemetry off, their invocations included. */
export function queriesCost({ memoryMb, queryMs }: LambdaFunction, rates: Rates): number {
  return rates.invocations + computeCost(memoryMb, queryMs, rates);
}

/** What telemetry adds when the function sends it by itself. */
export function telemetryCost(perQuery: PerQuery, initMs: number, of: LambdaFunction, rates: Rates): Cost {
  return sum({
    compute: computeCost(of.memoryMb, perQuery.billedMs, rates),
    init: computeCost(of.memoryMb, initMs * of.coldShare, rates),
    transfer: QUERIES * (perQuery.bytes / 1e9) * rates.transfer,
  });
}

/**
 * The same with a collector in a layer, to which the function hands over `handed` and which sends `sentBytes`. The
 * layer's memory is paid for as long as the function runs, whatever it does; what it computes counts nothing.
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
