/** The cumulative sum of all {@link deltaRequest}s. */
export interface Truth {
  counter: number;
  histogram: { count: number; sum: number; buckets: number[] };
}

export const BOUNDS = [0.1, 1, 10];

export function emptyTruth(): Truth {
  return { counter: 0, histogram: { count: 0, sum: 0, buckets: [0, 0, 0, 0] } };
}

/**
 * An OTLP/JSON request with delta points of a counter `exactness_total` and a histogram `exactness_seconds`, as sent by
 * an environment with its own instance id and a skewed clock. Adds the points to `truth`.
 *
 * @param skewMs Clock skew in milliseconds.
 */
export function deltaRequest(instance: string, skewMs: number, truth: Truth, round: number): object {
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
export async function send(endpoint: string, request: object): Promise<void> {
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
