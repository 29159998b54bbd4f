import { expect, it } from "vitest";
import { factRanges } from "#console/page/ask/support/fact-ranges.ts";

const marked = (text: string, ...facts: string[]) =>
  factRanges(text, facts).map(({ start, end }) => text.slice(start, end));

it("finds each place of a fact, in the order of the text", () => {
  expect(marked("Lars Berg paid 12 euros, then 12 more to Lars Berg.", "12", "Lars Berg")).toEqual([
    ...["Lars Berg", "12", "12", "Lars Berg"],
  ]);
});

it("leaves out parts of longer words and numbers, and what is not there", () => {
  expect(marked("120 or 212 Bergen in B12", "12", "Berg", "Oslo")).toEqual([]);
});
