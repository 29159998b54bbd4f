import type { Span } from "#console/contract.ts";

/** The time that a waterfall shows: milliseconds since the start of the trace. */
export interface Extent {
  from_ms: number;
  /** After {@link from_ms}. */
  to_ms: number;
}

/** From the first start to the last end, clocks that differ included. */
export function extentOf(spans: readonly Span[]): Extent {
  let from_ms = Number.POSITIVE_INFINITY;
  let to_ms = Number.NEGATIVE_INFINITY;
  for (const { start_ms, duration_ms } of spans) {
    from_ms = Math.min(from_ms, start_ms);
    to_ms = Math.max(to_ms, start_ms + duration_ms);
  }
  if (from_ms > to_ms) return { from_ms: 0, to_ms: 1 };
  return { from_ms, to_ms: to_ms > from_ms ? to_ms : from_ms + 0.001 };
}

/** Where the span's bar begins and how wide it is, in percent of the extent. */
export function barOf({ start_ms, duration_ms }: Span, { from_ms, to_ms }: Extent): { left: number; width: number } {
  const length = to_ms - from_ms;
  return { left: ((start_ms - from_ms) / length) * 100, width: (duration_ms / length) * 100 };
}

/** Round times at even distances (1, 2 or 5 of a power of ten), at most `most`, with their place in percent. */
export function ticksOf({ from_ms, to_ms }: Extent, most: number): { at_ms: number; left: number }[] {
  const length = to_ms - from_ms;
  const power = 10 ** Math.floor(Math.log10(length / most));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => length / size <= most) ?? length;
  const ticks: { at_ms: number; left: number }[] = [];
  for (let number = 0; number * step <= length; number++) {
    ticks.push({ at_ms: number * step, left: ((number * step) / length) * 100 });
  }
  return ticks;
}
