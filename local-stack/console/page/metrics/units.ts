import type { Unit } from "#console/contract.ts";
import { count, duration, percent, usd } from "../shell/format.ts";

const NARROW = "\u202f";

/** A value with its unit: 12.3 ms, 97.1 %, 0.0333/s. */
export function valueText(value: number, unit: Unit): string {
  switch (unit) {
    case "seconds":
      return duration(value * 1000);
    case "ratio":
      return percent(value);
    case "usd":
      return usd(value);
    case "per_second":
      return `${digits(value)}/s`;
    case "bytes":
      return `${count(value)}${NARROW}B`;
    case "count":
      return count(value);
  }
}

/** The same, as short as an axis needs it: 40 ms, 25 %. */
export function axisText(value: number, unit: Unit): string {
  if (unit === "seconds") return value < 1 ? `${digits(value * 1000)}${NARROW}ms` : `${digits(value)}${NARROW}s`;
  if (unit === "ratio") return `${digits(value * 100)}${NARROW}%`;
  if (unit === "usd") return `$${digits(value)}`;
  return value >= 10_000 ? value.toLocaleString("en-US", { notation: "compact" }) : valueText(value, unit);
}

function digits(value: number): string {
  return value.toLocaleString("en-US", { maximumSignificantDigits: 3 });
}
