import { expect, it } from "vitest";
import { tonesOf } from "#console/page/metrics/tones.ts";

const series = (...failed: readonly boolean[]) =>
  failed.map((isFailed, index) => ({ label: String(index), failed: isFailed, values: [] }));
const looks = (kind: "lines" | "bars", ...failed: readonly boolean[]) =>
  tonesOf({ kind, series: series(...failed) }).map((tone) => JSON.stringify(tone));

it("draws six lines and three of failures so that each looks different", () => {
  const all = looks("lines", ...Array.from({ length: 9 }, (_, index) => index % 3 === 2));
  expect(new Set(all).size).toBe(9);
});

it("draws five bars, and three of failures, so that each looks different", () => {
  expect(new Set(looks("bars", false, false, false, false, false, true, true, true)).size).toBe(8);
});

it("has a colour of its own for failures", () => {
  expect(
    tonesOf({ kind: "lines", series: series(true, false, true) }).map(({ name }) => name.includes("failed")),
  ).toEqual([true, false, true]);
});

it("goes on when there are more series than looks", () => {
  expect(tonesOf({ kind: "bars", series: series(...Array.from({ length: 40 }, () => false)) })).toHaveLength(40);
});
