import { describe, expect, it } from "vitest";
import { auc } from "./auc.ts";
import { pagePassages, xquadFolder, xquadPassages } from "./passages.ts";
import { type Separation, separationOf } from "./report.ts";

const xquad = xquadFolder(".");

describe("the area under the ROC curve", () => {
  it("is the share of pairs in the right order, a tie being half of one", () => {
    expect(auc([3, 2], [1, 0])).toBe(1);
    expect(auc([0], [1])).toBe(0);
    expect(auc([2, 1], [1, 1])).toBe(0.75);
  });
});

describe("groundedness tells supported from unsupported sentences", () => {
  it("of the project's pages", async () => expectGoals(separationOf(await pagePassages("."))));

  it.runIf(xquad)("of XQuAD", async () => expectGoals(separationOf(await xquadPassages(xquad ?? ""))));
});

function expectGoals({ pairs, overall, swapped, kinds }: Separation): void {
  expect(pairs).toBeGreaterThan(400);
  expect(overall).toBeGreaterThan(0.93);
  expect(swapped).toBeGreaterThan(0.85);
  expect(Math.min(...kinds.map((kind) => kind.auc))).toBeGreaterThan(0.75);
}
