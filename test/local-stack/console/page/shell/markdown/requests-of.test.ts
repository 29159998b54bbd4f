import { expect, it } from "vitest";
import { requestsOf } from "#console/page/shell/markdown/requests-of.ts";

const texts = (...lengths: number[]) => lengths.map((length) => ({ text: "x".repeat(length) }));
const lengths = (requests: { text: string }[][]) => requests.map((request) => request.map(({ text }) => text.length));

it("asks for texts together, in their order, as long as the console's API takes them", () => {
  expect(lengths(requestsOf(texts(1, 2, 3)))).toEqual([[1, 2, 3]]);
  expect(lengths(requestsOf(texts(100_000, 50_000, 1, 2)))).toEqual([
    [100_000, 50_000],
    [1, 2],
  ]);
  expect(requestsOf(texts(...Array(250).fill(0))).map(({ length }) => length)).toEqual([100, 100, 50]);
});

it("asks for a text by itself that is too long for any request", () => {
  expect(lengths(requestsOf(texts(1, 900_000, 2)))).toEqual([[1], [900_000], [2]]);
});

it("asks for nothing without texts", () => {
  expect(requestsOf([])).toEqual([]);
});
