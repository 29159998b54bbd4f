import { expect, it } from "vitest";
import { createRateAnswer } from "#quality/feedback.ts";
import { createFeedbackTokens } from "#quality/feedback-token.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const NOW = Date.UTC(2030, 0, 1);
const tokens = createFeedbackTokens({ secret: "s".repeat(32), seconds: 60, now: () => NOW });

it("a rated answer is remembered for five minutes longer than its token is valid, by the slower of two clocks", async () => {
  const added: [id: string, ttlMs: number][] = [];
  const rated = { add: async (id: string, ttlMs: number) => added.push([id, ttlMs]) > 0 };
  const rate = createRateAnswer(tokens, rated, () => NOW + 10_000);
  const token = tokens.sign({ traceId: TRACE, spanId: "00f067aa0ba902b7" });
  expect((await rate({ traceId: TRACE, rating: 1, token })).outcome).toBe("counted");
  expect(added).toEqual([[`${TRACE}-00f067aa0ba902b7`, 350_000]]);
});

it("a rating that is refused leaves nothing behind", async () => {
  const rate = createRateAnswer(tokens, { add: () => Promise.reject(new Error("must not be asked")) });
  const token = tokens.sign({ traceId: TRACE }, "acme");
  const refused = { outcome: "invalid" };
  expect(await rate({ traceId: TRACE, token, rating: 1 }, { tenant: "other" })).toEqual(refused);
  expect(await rate({ traceId: TRACE, token: "", rating: 1 }, { tenant: "acme" })).toEqual(refused);
  expect(await rate({ traceId: `${TRACE.slice(1)}0`, token, rating: 1 }, { tenant: "acme" })).toEqual(refused);
});
