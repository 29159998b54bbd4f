/** Matchers for the dashboard's variables. An absent label matches the variable's All, `.*`. */
const SERVICE_AND_ENVIRONMENT = 'service_name="$service", deployment_environment_name=~"$environment"';
const SELECTED = `${SERVICE_AND_ENVIRONMENT}, faas_name=~"$function"`;

/** Windows: one point of a graph, and the dashboard's time range. */
export const STEP = "$__interval";
export const RANGE = "$__range";

/** A metric of the functions, filtered by the variables. */
export const metric = (name: string, ...matchers: string[]): string => `${name}{${[...matchers, SELECTED].join(", ")}}`;

/** The result of a recording rule; these have no function label. */
export const recorded = (name: string): string => `${name}{${SERVICE_AND_ENVIRONMENT}}`;

/** A self-monitoring metric of the collector. */
export const collector = (name: string, ...matchers: string[]): string =>
  `${name}{${['job="collector"', ...matchers].join(", ")}}`;

/** OpenMetrics writes `le="1.0"`, the older text format `le="1"`; Prometheus 2 stores either as received. */
export const le = (bound: number): string => `le=~"${bound}|${bound}[.]0"`;

/**
 * The increase of a counter, bucket, sum or count in the window: now minus then. A series that did not exist then, or
 * was reset since, counts from 0. Prometheus's own increase() misses the first value of a series, which is the first
 * error ever, and extrapolates to the edges of the window. Looking back an hour for the earlier value bridges gaps when
 * Prometheus or the collector was down. Always aggregate it, since the metric name is not consistently present.
 */
const increase = (selector: string, window: string): string =>
  `(${selector} - last_over_time(${selector}[1h] offset ${window}) >= 0 or ${selector})`;

/** The increase summed over the selected environments and functions, by the given labels. */
export const total = (selector: string, window: string, ...by: string[]): string =>
  `${sum(by)} (${increase(selector, window)})`;

export const perSecond = (selector: string, ...by: string[]): string =>
  `${total(selector, STEP, ...by)} / ($__interval_ms / 1000)`;

/** The expression, or 0 where only `other` has a value. */
export const orZero = (expression: string, other: string): string => `(${expression} or ${other} * 0)`;

/** `part` / `whole`; no value while `whole` is 0. */
export const ratio = (part: string, whole: string): string => `${orZero(part, whole)} / (${whole} > 0)`;

/** A histogram's quantile, `q` in [0, 1]; no value without observations. `bucket` selects its buckets. */
export const quantile = (q: number, bucket: string, window: string, ...by: string[]): string =>
  `histogram_quantile(${q}, ${total(bucket, window, "le", ...by)}) >= 0`;

/** A histogram's exact mean; no value without observations. */
export const mean = (histogram: string, window: string, ...by: string[]): string =>
  `${total(metric(`${histogram}_sum`), window, ...by)} / (${total(metric(`${histogram}_count`), window, ...by)} > 0)`;

const sum = (by: string[]): string => (by.length > 0 ? `sum by (${by.join(", ")})` : "sum");
