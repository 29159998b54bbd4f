/** What the variables of the dashboard choose. A label that is absent matches the All of its variable, `.*`. */
const SERVICE_AND_ENVIRONMENT = 'service_name="$service", deployment_environment_name=~"$environment"';
const CHOSEN = `${SERVICE_AND_ENVIRONMENT}, faas_name=~"$function"`;

/** Windows: of one point of a graph, and of all the time on the screen. */
export const STEP = "$__interval";
export const RANGE = "$__range";

/** A metric of the functions, as the variables choose. */
export const metric = (name: string, ...matchers: string[]): string => `${name}{${[...matchers, CHOSEN].join(", ")}}`;

/** What a recording rule has computed; rules know nothing of functions. */
export const recorded = (name: string): string => `${name}{${SERVICE_AND_ENVIRONMENT}}`;

/** A metric of the collector about itself. */
export const collector = (name: string, ...matchers: string[]): string =>
  `${name}{${['job="collector"', ...matchers].join(", ")}}`;

/** OpenMetrics writes `le="1.0"` where the older text format has `le="1"`; Prometheus 2 keeps what it gets. */
export const le = (bound: number): string => `le=~"${bound}|${bound}[.]0"`;

/**
 * By how much a counter, bucket, sum or count has grown in the window: now minus then. A series that did not exist then
 * counts from 0, and so does one that was reset since. Prometheus' own increase() loses the first value of a series,
 * which is the first error ever, and extrapolates to the edges of the window. To look back an hour for the value of then
 * reaches over the gaps of a Prometheus or collector that was away. Aggregate it: its metric name comes and goes.
 */
const increase = (selector: string, window: string): string =>
  `(${selector} - last_over_time(${selector}[1h] offset ${window}) >= 0 or ${selector})`;

/** The increase over all environments and functions that are chosen, one for each value of the labels. */
export const total = (selector: string, window: string, ...by: string[]): string =>
  `${sum(by)} (${increase(selector, window)})`;

export const perSecond = (selector: string, ...by: string[]): string =>
  `${total(selector, STEP, ...by)} / ($__interval_ms / 1000)`;

/** A total that is 0 where `other` is known and it is not. */
export const orZero = (expression: string, other: string): string => `(${expression} or ${other} * 0)`;

/** `part` of `whole`; nothing while there is no whole. */
export const ratio = (part: string, whole: string): string => `${orZero(part, whole)} / (${whole} > 0)`;

/** A histogram's quantile, from 0 to 1; nothing while nothing is observed. `bucket` selects its buckets. */
export const quantile = (q: number, bucket: string, window: string, ...by: string[]): string =>
  `histogram_quantile(${q}, ${total(bucket, window, "le", ...by)}) >= 0`;

/** A histogram's mean, which is exact; nothing while nothing is observed. */
export const mean = (histogram: string, window: string, ...by: string[]): string =>
  `${total(metric(`${histogram}_sum`), window, ...by)} / (${total(metric(`${histogram}_count`), window, ...by)} > 0)`;

const sum = (by: string[]): string => (by.length > 0 ? `sum by (${by.join(", ")})` : "sum");
