import { expect, it } from "vitest";
import { countTokens } from "#providers/lexical/token-counter.ts";

it("estimates about as many tokens as OpenAI's o200k_base counts", () => {
  const text =
    "The collector receives spans over OTLP/HTTP and keeps them in memory until a batch is full. " +
    "A batch that cannot be sent is retried with exponential backoff, at most for five minutes.";
  const actual = 40;
  expect(Math.abs(countTokens(text) - actual) / actual).toBeLessThan(0.15);
  expect(countTokens("")).toBe(0);
});
