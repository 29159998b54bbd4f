import { describe, expect, it } from "vitest";
import { isSameNumber, numbersOf } from "#quality/numbers.ts";

/** Whether the first number of one text is among those of the other. */
function isIn(claim: string, source: string): boolean {
  const [wanted] = numbersOf(claim, true);
  return wanted !== undefined && numbersOf(source, false).some((number) => isSameNumber(wanted, number));
}

describe("numbers", () => {
  it.each([
    ["1,000 requests", "1000 requests"],
    ["1.000 Anfragen", "1,000 requests"],
    ["1 000 000 people", "1,000,000 people"],
    ["1’234.50 CHF", "1234.5"],
    ["1,00,000 rupees", "100000"],
    ["3,14", "3.14"],
    ["four cases", "4 cases"],
    ["4 cases", "four cases"],
    ["twenty-one", "21"],
    ["two million users", "2,000,000 users"],
    ["2.5 billion", "2500 million"],
    ["10k vectors", "10,000 vectors"],
    ["3万人", "30,000"],
    ["500 ms", "0.5 s"],
    ["0.5 seconds", "500 milliseconds"],
    ["1 GB", "1000 MB"],
    ["50 %", "50 percent"],
    ["$5", "5 dollars"],
    ["5 km", "5"],
    ["-5 °C", "-5 °C"],
    ["٤٢", "42"],
    ["1.2.3", "version 1.2.3"],
    ["5.3.2024", "2024-03-05"],
    ["March 5", "on 2024-03-05"],
    ["4", "the fourth"],
  ])("%s is %s", (claim, source) => expect(isIn(claim, source)).toBe(true));

  it.each([
    ["1,000 requests", "100 requests"],
    ["10", "100"],
    ["3.14", "314"],
    ["500 ms", "500 s"],
    ["50 %", "50 ms"],
    ["two million", "2"],
    ["1.2.3", "1.2.4"],
    ["1856", "1857"],
    ["-5 degrees", "5 degrees"],
    ["5 €", "$5"],
  ])("%s is not %s", (claim, source) => expect(isIn(claim, source)).toBe(false));

  it("are no part of names, and no numbers of list items", () => {
    expect(numbersOf("1. Use x86 and P2\n 2) or utf_8", true)).toEqual([]);
    expect(numbersOf("one of them", true)).toEqual([]);
  });

  it("are months only beside another number", () => {
    expect(numbersOf("It may march on", true)).toEqual([]);
    expect(numbersOf("5 May 2024", true).map(({ values }) => values)).toEqual([[5], [2024], [5]]);
  });
});
