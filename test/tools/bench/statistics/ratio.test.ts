import { expect, it } from "vitest";
import { seeded } from "./random.ts";
import { ratioInterval } from "./ratio.ts";

it("is narrow when pairs differ by a constant factor, however much they vary together", () => {
  const random = seeded(1);
  const below = Array.from({ length: 100 }, () => 1 + 10 * random());
  const above = below.map((value) => 3 * value);
  const [low, high] = ratioInterval(above, below, 0.95, random);
  expect(low).toBeCloseTo(3);
  expect(high).toBeCloseTo(3);
});

it("contains the ratio of the quantiles", () => {
  const random = seeded(2);
  const below = Array.from({ length: 200 }, () => 1 + random());
  const above = Array.from({ length: 200 }, () => 2 * (1 + random()));
  const [low, high] = ratioInterval(above, below, 0.5, random);
  expect(low).toBeGreaterThan(1.6);
  expect(low).toBeLessThan(2);
  expect(high).toBeGreaterThan(2);
  expect(high).toBeLessThan(2.4);
});
