import { describe, expect, it } from "vitest";
import { questionBody } from "#console/page/ask/question/question-body.ts";
import { parseBody } from "#http/body.ts";
import { queryRequest } from "#http/schemas.ts";

const OPTIONS = { top_k: 5, topic_ids: [] };
const exchanges = (count: number, length: number) =>
  Array.from({ length: count }, (_, at) => ({ question: `q${at}`, answer: "a".repeat(length) }));

function messagesOf(body: object): { role: string; content: string }[] {
  expect(() => parseBody(Buffer.from(JSON.stringify(body)), queryRequest)).not.toThrow();
  return "messages" in body ? (body.messages as { role: string; content: string }[]) : [];
}

describe("questionBody", () => {
  it("asks a first question with nothing but what was chosen", () => {
    expect(questionBody("q", [], OPTIONS)).toEqual({ question: "q" });
    expect(questionBody("q", [], { top_k: 7, topic_ids: [3] })).toEqual({ question: "q", top_k: 7, topic_ids: [3] });
  });

  it("asks a follow-up with the conversation, oldest first", () => {
    expect(questionBody("and then?", [{ question: "q", answer: "a" }], OPTIONS)).toEqual({
      messages: [
        { role: "user", content: "q" },
        { role: "assistant", content: "a" },
        { role: "user", content: "and then?" },
      ],
    });
  });

  it("drops the oldest exchanges beyond 100 messages", () => {
    const messages = messagesOf(questionBody("last", exchanges(80, 10), OPTIONS));
    expect(messages).toHaveLength(99);
    expect(messages[0]?.content).toBe("q31");
  });

  it("drops the oldest exchanges beyond 100,000 characters, and cuts an answer of over 20,000", () => {
    const messages = messagesOf(questionBody("q".repeat(4_000), exchanges(8, 30_000), OPTIONS));
    expect(messages.map(({ content }) => content.length)).toEqual([2, 20_000, 2, 20_000, 2, 20_000, 2, 20_000, 4_000]);
  });
});
