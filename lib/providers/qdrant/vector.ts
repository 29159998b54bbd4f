/**
 * A unit vector for a JSON request, rounded to nine decimals: finer than float32 for values from 0.02 up, and 19 KB for
 * 1,536 numbers instead of 31 KB. A loop, because `Array.from` takes twenty times as long.
 */
export function numbersOf(vector: Float32Array): number[] {
  const numbers = new Array<number>(vector.length);
  for (let index = 0; index < vector.length; index += 1) numbers[index] = Math.round((vector[index] ?? 0) * 1e9) / 1e9;
  return numbers;
}
