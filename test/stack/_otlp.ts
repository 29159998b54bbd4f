import { expect } from "vitest";
import type { Prometheus } from "./_prometheus.ts";
import { eventually } from "./_stack.ts";

/** The sums of delta points of a counter `exactness_total` and a histogram `exactness_seconds`. */
export interface Sums {
  counter: number;
  histogram: { count: number; sum: number; buckets: number[] };
}

const BOUNDS = [0.1, 1, 10];

/**
 * Sends delta points from concurrent writers, whose clocks are from five minutes behind to five minutes ahead.
 *
 * @param exports Requests of each writer.
 * @returns their sums
 * @throws Error when a request is not accepted completely
 */
export async function sendDeltas(endpoint: string, writers: number, exports: number): Promise<Sums> {
  const sums: Sums = { counter: 0, histogram: { count: 0, sum: 0, buckets: [0, 0, 0, 0] } };
  const all = Array.from({ length: writers }, async (_, writer) => {
    const skewMs = Math.round((writer / (writers - 1) - 0.5) * 600_000);
    for (let round = 0; round < exports; round++)
      await send(endpoint, deltaRequest(`writer-${writer}`, skewMs, sums, round + writer));
  });
  await Promise.all(all);
  return sums;
}

/** The sums in Prometheus, once it has `expected` as the counter's, or after a minute. */
export async function sumsIn(queries: Prometheus, expected: Sums): Promise<Sums> {
  const counter = await eventually(
    () => queries.value("exactness_total"),
    (value) => value === expected.counter,
  );
  const buckets = [];
  let below = 0;
  for (const bound of [...BOUNDS, "+Inf"]) {
    const le = typeof bound === "number" && Number.isInteger(bound) ? `${bound}|${bound}\\\\.0` : bound;
    const upTo = await queries.value(`exactness_seconds_bucket{le=~"${String(le).replace("+", "\\\\+")}"}`);
    buckets.push(upTo - below);
    below = upTo;
  }
  const [count, sum] = [await queries.value("exactness_seconds_count"), await queries.value("exactness_seconds_sum")];
  return { counter, histogram: { count, sum, buckets } };
}

/** These sums, the histogram's but for rounding. */
export function closeTo({ counter, histogram }: Sums): object {
  return { counter, histogram: { ...histogram, sum: expect.closeTo(histogram.sum, 3) } };
}

/**
 * An OTLP/JSON request with delta points, as sent by an environment with its own instance id and a skewed clock. Adds the
 * points to `truth`.
 *
 * @param skewMs Clock skew in milliseconds.
 */
function deltaRequest(instance: string, skewMs: number, truth: Sums, round: number): object {
  const nowMs = Date.now() + skewMs;
  const times = { startTimeUnixNano: `${nowMs - 100}000000`, timeUnixNano: `${nowMs}000000` };
  const increment = 1 + (round % 3);
  const values = [0.05, 0.5, 5, 50].slice(0, 1 + (round % 4));
  const buckets = [0, 1, 2, 3].map((bucket) => (bucket < values.length ? 1 : 0));
  const sum = values.reduce((total, value) => total + value, 0);

  truth.counter += increment;
  truth.histogram.count += values.length;
  truth.histogram.sum += sum;
  for (const [bucket, count] of buckets.entries())
    truth.histogram.buckets[bucket] = (truth.histogram.buckets[bucket] ?? 0) + count;

  const DELTA = 1;
  const sumData = {
    aggregationTemporality: DELTA,
    isMonotonic: true,
    dataPoints: [{ ...times, attributes: [], asDouble: increment }],
  };
  const histogram = {
    aggregationTemporality: DELTA,
    dataPoints: [
      { ...times, attributes: [], count: values.length, sum, bucketCounts: buckets, explicitBounds: BOUNDS },
    ],
  };
  const attributes = Object.entries({
    "service.name": "exactness",
    "service.instance.id": instance,
    "faas.name": "writer",
    "faas.instance": instance,
    "process.pid": instance,
    "host.name": instance,
  }).map(([key, stringValue]) => ({ key, value: { stringValue } }));
  return {
    resourceMetrics: [
      {
        resource: { attributes },
        scopeMetrics: [
          {
            scope: { name: "exactness" },
            metrics: [
              { name: "exactness_total", sum: sumData },
              { name: "exactness_seconds", unit: "s", histogram },
            ],
          },
        ],
      },
    ],
  };
}

/** @throws Error when the collector does not accept the request completely */
async function send(endpoint: string, request: object): Promise<void> {
  const response = await fetch(`${endpoint}/v1/metrics`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
  });
  const body = (await response.json()) as { partialSuccess?: object };
  if (!response.ok || (body.partialSuccess && Object.keys(body.partialSuccess).length > 0)) {
    throw new Error(`the collector responded with ${response.status} ${JSON.stringify(body)}`);
  }
}
