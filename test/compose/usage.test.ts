import { expect, it } from "vitest";
import { createUsage } from "#compose/usage.ts";
import type { Answer } from "#rag/answer.ts";

it("adds up tokens and cost of answers and ingests, a cost that is not known as none", async () => {
  const usage = createUsage();
  const answers = [
    { promptTokens: 10, completionTokens: 2, costUsd: 0.5 },
    { promptTokens: 1, completionTokens: 1 },
  ];
  const answer = usage.ofAnswer(async () => ({ usage: answers.shift() }) as Answer);
  const ingest = usage.ofIngest(async () => ({ documents: [], usage: { tokens: 100 } }));
  await answer({ question: "a", topK: 1 });
  await answer({ question: "b", topK: 1 });
  await ingest([]);
  expect(usage.total()).toEqual({ prompt_tokens: 111, completion_tokens: 3, cost_usd: 0.5 });
});
