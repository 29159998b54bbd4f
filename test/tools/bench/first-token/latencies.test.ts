import { expect, test } from "vitest";
import { quantile } from "../../lambda/stats.ts";
import { drawTimes, LATENCIES } from "./latencies.ts";

test("the latencies of a service have its median and 95th percentile, and are the same for the same seed", () => {
  const draw = (seed: number) => {
    const { chat } = drawTimes(seed);
    return Array.from({ length: 20_000 }, () => (typeof chat === "function" ? chat() : Number.NaN));
  };
  const drawn = draw(1);
  const [p50, p95] = LATENCIES.chat;
  expect(quantile(drawn, 0.5) / p50).toBeCloseTo(1, 1);
  expect(quantile(drawn, 0.95) / p95).toBeCloseTo(1, 1);
  expect(draw(1)).toEqual(drawn);
  expect(draw(2)).not.toEqual(drawn);
});
