import { expect, test } from "vitest";
import { visibleRows } from "#console/page/traces/rows/visible-rows.ts";

const place = { viewportHeight: 800, rowHeight: 40, count: 5000 };

test("Wherever the list is scrolled to, the rows in the viewport are drawn, and few others", () => {
  for (let scrolled = -1000; scrolled < 5000 * 40; scrolled += 137) {
    const { first, end } = visibleRows({ ...place, top: -scrolled });
    expect(first).toBeLessThanOrEqual(Math.max(0, Math.floor(scrolled / 40)));
    expect(end).toBeGreaterThanOrEqual(Math.min(5000, Math.ceil((scrolled + 800) / 40)));
    expect(end - first).toBeLessThanOrEqual(20 + 2 * 13);
  }
});

test("Scrolling by a row seldom changes which rows are drawn", () => {
  const starts = Array.from({ length: 100 }, (_, row) => visibleRows({ ...place, top: -(4000 + row * 40) }).first);
  expect(new Set(starts).size).toBeLessThanOrEqual(26);
});

test("A list far outside the viewport draws nothing beyond its ends", () => {
  expect(visibleRows({ ...place, top: -10_000_000 })).toEqual({ first: 5000, end: 5000 });
  expect(visibleRows({ ...place, top: 10_000_000 })).toEqual({ first: 0, end: 0 });
});
