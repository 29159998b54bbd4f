import { createContextKey } from "@opentelemetry/api";
import { expect, test } from "vitest";
import { EMPTY_CONTEXT } from "#telemetry/sdk/linked-context.ts";

const [A, B] = [createContextKey("a"), createContextKey("b")];

test("a context has its own value and those it inherits, and never changes", () => {
  const one = EMPTY_CONTEXT.setValue(A, 1);
  const two = one.setValue(B, 2).setValue(A, 3);
  expect([two.getValue(A), two.getValue(B)]).toEqual([3, 2]);
  expect([one.getValue(A), one.getValue(B)]).toEqual([1, undefined]);
  expect(EMPTY_CONTEXT.getValue(A)).toBeUndefined();
});

test("a deleted value is gone below, and can be set again", () => {
  const one = EMPTY_CONTEXT.setValue(A, 1);
  const none = one.deleteValue(A);
  expect(none.getValue(A)).toBeUndefined();
  expect(none.setValue(A, 2).getValue(A)).toBe(2);
  expect(one.getValue(A)).toBe(1);
});
