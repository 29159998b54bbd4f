import { expect, it } from "vitest";
import { quantiseColumns, quantiseRows } from "#providers/embedded/minilm/quantise.ts";

it("gives each row the scale of its largest number, and a row of zeros none", () => {
  const { values, scales } = quantiseRows(Float32Array.of(1, -2, 0, 0), 2);
  expect([...values]).toEqual([64, -127, 0, 0]);
  expect(scales[0]).toBeCloseTo(2 / 127);
  expect(scales[1]).toBe(1);
});

it("transposes the weights of a layer, with a scale for each output", () => {
  const { values, scales } = quantiseColumns(Float32Array.of(1, 2, 3, 6, 5, 4), 2);
  expect([...values]).toEqual([42, 127, 85, 106, 127, 85]);
  expect([...scales].map((scale) => Math.round(scale * 127))).toEqual([3, 6]);
});
