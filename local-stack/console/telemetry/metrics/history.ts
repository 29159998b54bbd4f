/** Values of one series at the times they changed. */
export interface History {
  /** Milliseconds since 1970, ascending. */
  times: number[];
  values: number[];
}

/** Changes within this time are one point. */
export const RESOLUTION_MS = 5_000;

/** How far back the value of any time is known: the longest view, and one window before it. */
export const KEPT_MS = 62 * 60_000;

/** Appends a value, and forgets what is older than {@link KEPT_MS}, except for the last value before that. */
export function append({ times, values }: History, time: number, value: number): void {
  const last = times.length - 1;
  if (values[last] === value) return;
  const isSamePoint = last > 0 && slot(times[last]) === slot(time);
  times[isSamePoint ? last : last + 1] = time;
  values[isSamePoint ? last : last + 1] = value;
  const old = indexAt(times, time - KEPT_MS);
  if (old > 0) {
    times.splice(0, old);
    values.splice(0, old);
  }
}

/** The value at a time; `undefined` before the first one. */
export function valueAt({ times, values }: History, time: number): number | undefined {
  return values[indexAt(times, time)];
}

/** Index of the last time that is not after `time`; -1 when all are. */
function indexAt(times: readonly number[], time: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? 0) <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function slot(time = 0): number {
  return Math.floor(time / RESOLUTION_MS);
}
