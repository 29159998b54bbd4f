import { describe, expect, it } from "vitest";
import { type ConversationAction, conversation, exchangesOf, type TurnEvent } from "#console/page/ask/turns.ts";

const asked = (id: number, replaced?: number): ConversationAction => ({
  ...{ type: "asked", id, question: `q${id}`, body: { question: `q${id}` } },
  ...(replaced !== undefined && { replaced }),
});
const event = (id: number, event: TurnEvent): ConversationAction => ({ type: "event", id, event });
const delta = (text: string): TurnEvent => ({ type: "delta", data: { text } });
const found: TurnEvent = { type: "citations", data: { citations: [], degraded: ["rerank"], trace_id: "t" } };
const done: TurnEvent = {
  type: "done",
  data: {
    ...{ answer: "whole [1]", answered: true, degraded: ["rerank"], model: "m", trace_id: "t" },
    usage: { prompt_tokens: 1, completion_tokens: 2 },
    timings_ms: { embedding: 1, vector_search: 1, rerank: 1, llm_generation: 1, total: 4 },
    cache: { embedding: false },
  },
};
const turnsAfter = (...actions: ConversationAction[]) => actions.reduce(conversation, []);

describe("conversation", () => {
  it("adds up the answer as it is written, and takes the whole one at the end", () => {
    const running = turnsAfter(asked(1), event(1, found), event(1, delta("so ")), event(1, delta("far")));
    expect(running).toMatchObject([{ state: "running", text: "so far", degraded: ["rerank"], traceId: "t" }]);
    expect(conversation(running, event(1, done))).toMatchObject([{ state: "answered", text: "whole [1]" }]);
  });

  it("keeps what was written when it is stopped, and hears nothing after that", () => {
    const turns = turnsAfter(asked(1), event(1, delta("so ")), event(1, { type: "stopped" }), event(1, delta("far")));
    expect(turns).toMatchObject([{ state: "stopped", text: "so " }]);
  });

  it("keeps what was found when the answer fails", () => {
    const turns = turnsAfter(asked(1), event(1, found), event(1, { type: "failed", error: "e" }));
    expect(turns).toMatchObject([{ state: "failed", error: "e", citations: [], traceId: "t" }]);
  });

  it("asks again in place of a turn that failed, and hears nothing of one that is gone", () => {
    const failed = turnsAfter(asked(1), event(1, { type: "failed", error: "e" }), asked(2, 1));
    expect(failed.map(({ id }) => id)).toEqual([2]);
    expect(turnsAfter(asked(1), { type: "cleared" }, event(1, done))).toEqual([]);
  });
});

describe("exchangesOf", () => {
  it("has the questions that were answered", () => {
    const turns = turnsAfter(asked(1), event(1, done), asked(2), event(2, { type: "failed", error: "e" }), asked(3));
    expect(exchangesOf(turns)).toEqual([{ question: "q1", answer: "whole [1]" }]);
  });
});
