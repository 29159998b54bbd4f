import { expect, it } from "vitest";
import { memoised } from "#rag/memoised.ts";

function counted(max: number, maxLength?: number) {
  const calls: string[] = [];
  const of = memoised((text: string) => calls.push(text), max, maxLength);
  return { calls, of };
}

it("calls a function once per text", () => {
  const { calls, of } = counted(2);
  expect([of("a"), of("b"), of("a"), of("b")]).toEqual([1, 2, 1, 2]);
  expect(calls).toEqual(["a", "b"]);
});

it("keeps the first results when more texts come, and begins anew after ten times as many", () => {
  const { calls, of } = counted(2);
  for (const text of ["a", "b", "c", "c", "a"]) of(text);
  expect(calls).toEqual(["a", "b", "c", "c"]);
  for (let more = 0; more < 18; more += 1) of("c");
  calls.length = 0;
  for (const text of ["c", "a", "a"]) of(text);
  expect(calls).toEqual(["a"]);
});

it("does not remember long texts", () => {
  const { calls, of } = counted(2, 3);
  for (const text of ["abc", "abc", "abcd", "abcd"]) of(text);
  expect(calls).toEqual(["abc", "abcd", "abcd"]);
});
