import { expect, it } from "vitest";
import type { Unit } from "#console/contract.ts";
import { axisText, valueText } from "#console/page/metrics/units.ts";

it.each<[Unit, number, string, string]>([
  ["seconds", 0.0123, "12.3 ms", "12.3 ms"],
  ["seconds", 2.5, "2.50 s", "2.5 s"],
  ["ratio", 0.25, "25.0 %", "25 %"],
  ["per_second", 0.016666, "0.0167/s", "0.0167/s"],
  ["usd", 0.00002, "$0.0000200", "$0.00002"],
  ["count", 12_345, "12,345", "12K"],
  ["bytes", 512, "512 B", "512 B"],
])("writes %s %d as %s, and as %s on an axis", (unit, value, text, short) => {
  const spaced = (written: string) => written.replaceAll("\u202f", " ");
  expect(spaced(valueText(value, unit))).toBe(text);
  expect(spaced(axisText(value, unit))).toBe(short);
});
