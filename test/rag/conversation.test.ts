import { describe, expect, it } from "vitest";
import type { Answer, AnswerQuestion } from "#rag/answer.ts";
import { createConversation } from "#rag/conversation.ts";
import { AbandonedError, RagError } from "#rag/errors.ts";
import type { Message, QueryRewriter, Rewrite } from "#rag/query-rewriter.ts";
import type { Question } from "#rag/question.ts";
import { UnansweredError } from "#rag/unanswered-error.ts";

const HISTORY: Message[] = [
  { role: "user", content: "How do I switch the answer cache on?" },
  { role: "assistant", content: "Set ANSWER_CACHE_SECONDS. [1]" },
];
const QUESTION: Question = { question: "and off?", topK: 3, history: HISTORY };
const ANSWER: Answer = {
  text: "A [1]",
  answered: true,
  citations: [],
  usage: { promptTokens: 9, completionTokens: 3, costUsd: 0.5 },
  timingsMs: { embedding: 1, vector_search: 1, rerank: 1, llm_generation: 1, total: 4 },
  cache: { embedding: false },
  degraded: [],
  model: "m-1",
};
const REWRITE: Rewrite = {
  question: "How do I switch the answer cache off?",
  promptTokens: 20,
  completionTokens: 10,
  costUsd: 0.25,
  model: "m-1",
};

const FREE: Pick<Rewrite, "promptTokens" | "completionTokens" | "costUsd"> = { promptTokens: 0, completionTokens: 0 };

type Rewriting = QueryRewriter["rewrite"];

/** A conversation around a stub that answers everything; `asked` and `rewritten` are what reached the parts. */
function conversation(rewrite: Rewriting = async () => REWRITE, answer: AnswerQuestion = async () => ANSWER) {
  const asked: Question[] = [];
  const rewritten: { question: string; history: readonly Message[] }[] = [];
  const ask = createConversation(
    (question, call) => {
      asked.push(question);
      return answer(question, call);
    },
    {
      provider: "p",
      model: "rewriter",
      rewrite(question, history, call) {
        rewritten.push({ question, history });
        return rewrite(question, history, call);
      },
    },
  );
  return { ask, asked, rewritten };
}

describe("a question with a history", () => {
  it("is answered as the question that stands alone, without the history", async () => {
    const { ask, asked, rewritten } = conversation();
    const answer = await ask({ ...QUESTION, minScore: 0.1 });
    expect(rewritten).toEqual([{ question: "and off?", history: HISTORY }]);
    expect(asked).toEqual([{ question: REWRITE.question, topK: 3, minScore: 0.1 }]);
    expect(answer).toMatchObject({ text: "A [1]", rewrittenQuestion: REWRITE.question, degraded: [] });
  });

  it("adds the tokens, the cost and the time of the rewriting to those of the answer", async () => {
    const times = [100, 130, 150];
    const ask = createConversation(
      async () => ANSWER,
      { provider: "p", model: "r", rewrite: async () => REWRITE },
      () => times.shift() ?? Number.NaN,
    );
    const { usage, timingsMs } = await ask(QUESTION);
    expect(usage).toEqual({ promptTokens: 29, completionTokens: 13, costUsd: 0.75 });
    expect(timingsMs).toEqual({ ...ANSWER.timingsMs, query_rewrite: 30, total: 50 });
  });

  it.each([
    ["the rewriting cost something unknown", { promptTokens: 20, completionTokens: 10 }, ANSWER.usage, undefined],
    [
      "the answer cost something unknown",
      { ...FREE, costUsd: 0.25 },
      { promptTokens: 9, completionTokens: 3 },
      undefined,
    ],
    ["nothing was billed for the answer", { ...FREE, costUsd: 0.25 }, { promptTokens: 0, completionTokens: 0 }, 0.25],
    ["nothing was billed at all", FREE, { promptTokens: 0, completionTokens: 0 }, undefined],
    ["only a cost was reported", { ...FREE, costUsd: 0.25 }, ANSWER.usage, 0.75],
  ])("has the sum of both costs, where it is known: %s", async (_, billed, usage, expected) => {
    const { ask } = conversation(
      async () => ({ question: "Q", model: "m", ...billed }),
      async () => ({ ...ANSWER, usage }),
    );
    expect((await ask(QUESTION)).usage.costUsd).toBe(expected);
  });

  it("says nothing of a rewriting that changed nothing", async () => {
    const { ask, asked } = conversation(async (question) => ({ ...REWRITE, question }));
    const answer = await ask(QUESTION);
    expect(asked[0]?.question).toBe("and off?");
    expect(answer).not.toHaveProperty("rewrittenQuestion");
    expect(answer.timingsMs).toHaveProperty("query_rewrite");
  });

  it("reaches the rewriter as its last six messages, each cut to 1,000 characters", async () => {
    const { ask, rewritten } = conversation();
    const history = Array.from({ length: 9 }, (_, index) => ({
      role: "user" as const,
      content: `${index}`.repeat(2_000),
    }));
    await ask({ ...QUESTION, history });
    const contents = rewritten[0]?.history.map(({ content }) => content) ?? [];
    expect(contents.map((content) => content[0])).toEqual(["3", "4", "5", "6", "7", "8"]);
    expect(contents.every((content) => content.length === 1_000)).toBe(true);
  });

  it("tells a stream what was rewritten and skipped, with the citations", async () => {
    const cache = { stage: "cache" as const, error: new RagError("cache", "down") };
    const answer: AnswerQuestion = async (_question, call) => {
      call?.onCitations?.([], [cache]);
      return { ...ANSWER, degraded: [cache] };
    };
    const events: unknown[] = [];
    const onCitations = (_: unknown, degraded: readonly { stage: string }[], rewritten?: string) =>
      events.push([degraded.map(({ stage }) => stage), rewritten]);
    await conversation(undefined, answer).ask(QUESTION, { onCitations });
    const failing = conversation(() => Promise.reject(new Error("down")), answer);
    const { degraded } = await failing.ask(QUESTION, { onCitations });
    expect(events).toEqual([
      [["cache"], REWRITE.question],
      [["query_rewrite", "cache"], undefined],
    ]);
    expect(degraded.map(({ stage }) => stage)).toEqual(["query_rewrite", "cache"]);
  });
});

it.each([
  ["without history", { question: "Q", topK: 3 }],
  ["with an empty one", { question: "Q", topK: 3, history: [] }],
  ["of more than 1,000 characters", { question: "Q".repeat(1_001), topK: 3, history: HISTORY }],
])("a question %s is not rewritten", async (_, { history, ...question }: Question) => {
  const { ask, asked, rewritten } = conversation();
  expect(await ask({ ...question, ...(history && { history }) })).toEqual(ANSWER);
  expect([asked, rewritten]).toEqual([[question], []]);
});

describe("a rewriter that fails", () => {
  const fails: Rewriting = () => Promise.reject(new Error("no tokens left"));

  it("leaves the question as it was, and the answer names the stage", async () => {
    const { ask, asked } = conversation(fails);
    const answer = await ask(QUESTION);
    expect(asked).toEqual([{ question: "and off?", topK: 3 }]);
    expect(answer.usage).toEqual(ANSWER.usage);
    expect(answer.degraded).toMatchObject([{ stage: "query_rewrite", error: { stage: "query_rewrite" } }]);
    expect(answer.degraded[0]?.error.message).toBe("rewriting the question with rewriter failed: no tokens left");
  });

  it("is also named where no answer could be generated", async () => {
    const unanswered = new UnansweredError(new RagError("llm_generation", "down"), [], []);
    const failing: AnswerQuestion = () => Promise.reject(unanswered);
    await expect(conversation(fails, failing).ask(QUESTION)).rejects.toMatchObject({
      name: "UnansweredError",
      degraded: [{ stage: "query_rewrite" }],
    });
    await expect(conversation(undefined, failing).ask(QUESTION)).rejects.toBe(unanswered);
    const search = new RagError("vector_search", "down");
    await expect(conversation(fails, () => Promise.reject(search)).ask(QUESTION)).rejects.toBe(search);
  });

  it("is no failure when the caller has left", async () => {
    const caller = new AbortController();
    const { ask, asked } = conversation(async () => {
      caller.abort(new AbandonedError());
      throw new Error("aborted");
    });
    await expect(ask(QUESTION, { signal: caller.signal })).rejects.toBeInstanceOf(AbandonedError);
    expect(asked).toEqual([]);
  });
});
