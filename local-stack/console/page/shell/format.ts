/** Numbers as people read them, with a fixed number of digits so that columns align. */

const NARROW = "\u202f";

/** Made once: `toLocaleString` makes one for each call, which long lists feel. */
const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const SMALL = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });
const CLOCK = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

/** 0.4 ms, 12.3 ms, 640 ms, 2.56 s, 1 min 5 s. */
export function duration(ms: number): string {
  if (ms < 99.95) return `${ms.toFixed(1)}${NARROW}ms`;
  if (ms < 999.5) return `${ms.toFixed(0)}${NARROW}ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(2)}${NARROW}s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}${NARROW}min ${seconds % 60}${NARROW}s`;
}

/** 12,345. */
export function count(value: number): string {
  return (value < 10 ? SMALL : WHOLE).format(value);
}

/** $0.0000457, $1.23. */
export function usd(value: number): string {
  return `$${value === 0 || value >= 0.1 ? value.toFixed(2) : value.toPrecision(3)}`;
}

/** 97.1 %. */
export function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(1)}${NARROW}%`;
}

/** 14:03:09. */
export function time(ms: number): string {
  return CLOCK.format(ms);
}
