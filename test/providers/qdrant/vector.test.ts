import fc from "fast-check";
import { expect, test } from "vitest";
import { numbersOf } from "#providers/qdrant/vector.ts";

const value = fc.float({ min: -1, max: 1, noNaN: true });

test("returns the vector's numbers, rounded to nine decimals", () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 50 }), (values) => {
      const vector = Float32Array.from(values);
      const numbers = numbersOf(vector);
      expect(numbers).toHaveLength(vector.length);
      for (const [index, number] of numbers.entries()) {
        expect(Math.abs(number - (vector[index] ?? Number.NaN))).toBeLessThanOrEqual(5.01e-10);
        expect(number === Number(number.toFixed(9)), `${number}`).toBe(true);
      }
    }),
  );
});

test("rounding preserves float32 values from 0.02 up", () => {
  const large = fc.tuple(fc.float({ min: Math.fround(0.02), max: 1, noNaN: true }), fc.constantFrom(1, -1));
  fc.assert(
    fc.property(fc.array(large), (pairs) => {
      const vector = Float32Array.from(pairs, ([size, sign]) => size * sign);
      expect(Float32Array.from(numbersOf(vector))).toEqual(vector);
    }),
  );
});
