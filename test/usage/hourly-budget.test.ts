import { expect, it } from "vitest";
import { HourlyBudget } from "#usage/hourly-budget.ts";

const MINUTE = 60_000;

function budgetAt(limitUsd: number) {
  const clock = { now: 1_790_000_000_000 };
  return { clock, budget: new HourlyBudget(limitUsd, () => clock.now) };
}

it("refuses what exceeds the limit, and not what reaches it", () => {
  const { budget } = budgetAt(1);
  expect(budget.spend(0.75)).toBeDefined();
  expect(budget.spend(0.5)).toBeUndefined();
  expect(budget.spend(0.25)).toBeDefined();
  expect(budget.spend(0.25)).toBeUndefined();
});

it("has room again an hour later, for as much as was spent then", () => {
  const { budget, clock } = budgetAt(1);
  budget.spend(0.5);
  clock.now += 30 * MINUTE;
  budget.spend(0.5);
  expect(budget.spend(0.1)).toBeUndefined();
  clock.now += 29 * MINUTE;
  expect(budget.spend(0.1)).toBeUndefined();
  clock.now += 2 * MINUTE;
  expect(budget.spend(0.5)).toBeDefined();
  expect(budget.spend(0.1)).toBeUndefined();
});

it("takes back what was not spent", () => {
  const { budget } = budgetAt(1);
  budget.spend(1)?.(0.25);
  expect(budget.spend(0.75)).toBeDefined();
  expect(budget.spend(0.01)).toBeUndefined();
});

it("spends nothing for an hour after an amount that is never known", () => {
  const { budget, clock } = budgetAt(1);
  budget.spend(0)?.(Number.POSITIVE_INFINITY);
  expect(budget.spend(0)).toBeUndefined();
  clock.now += 61 * MINUTE;
  expect(budget.spend(1)).toBeDefined();
});

it("refuses nothing without a limit", () => {
  const { budget } = budgetAt(Number.POSITIVE_INFINITY);
  budget.spend(5)?.(Number.POSITIVE_INFINITY);
  expect(budget.spend(1e9)).toBeDefined();
});
