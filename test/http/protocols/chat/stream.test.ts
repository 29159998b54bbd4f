import { describe, expect, it } from "vitest";
import type { AnswerQuestion } from "#rag/answer.ts";
import { RagError } from "#rag/errors.ts";
import { UnansweredError } from "#rag/unanswered-error.ts";
import { TRACE } from "../../_app.ts";
import { ANSWER, CITATION, chatApp, dataOf, inWords, SHOWN } from "./_chat.ts";

const HEAD = {
  ...{ id: `chatcmpl-${TRACE.traceId}`, object: "chat.completion.chunk" },
  ...{ created: 1_790_000_000, model: "edge-rag" },
};
const chunk = (delta: object, finish_reason: string | null = null) => ({
  ...HEAD,
  choices: [{ index: 0, delta, logprobs: null, finish_reason }],
});
const EXTRAS = { citations: [SHOWN], answered: true, degraded: [] };
const DOWN = new RagError("llm_generation", "down");

/** The text of all chunks. */
// biome-ignore lint/suspicious/noExplicitAny: chunks as they were parsed
const textOf = (data: any[]): string => data.map(({ choices }) => choices?.[0]?.delta.content ?? "").join("");

describe("a streamed chat completion", () => {
  it("is the role, pieces of the text, the finish reason with the citations, and [DONE]", async () => {
    const response = await chatApp().ask({ stream: true });
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect(response.headers.get("x-request-id")).toBe(TRACE.traceId);
    expect(await dataOf(response)).toEqual([
      chunk({ role: "assistant", content: "" }),
      chunk({ content: "They" }),
      chunk({ content: " dance." }),
      chunk({ content: " [1]" }),
      chunk(EXTRAS, "stop"),
      "[DONE]",
    ]);
  });

  it("has the usage in a chunk without choices where it is asked for, and null in the others", async () => {
    const data = await dataOf(await chatApp().ask({ stream: true, stream_options: { include_usage: true } }));
    const usage = { prompt_tokens: 10, completion_tokens: 4, total_tokens: 14 };
    expect(data.slice(-2)).toEqual([{ ...HEAD, choices: [], usage }, "[DONE]"]);
    expect(data.slice(0, -2).map(({ usage }) => usage)).toEqual([null, null, null, null, null]);
  });

  it("has the sources after the text where that is configured", async () => {
    const data = await dataOf(await chatApp(inWords(), { sources: "list" }).ask({ stream: true }));
    expect(textOf(data)).toBe("They dance. [1]\n\nSources:\n- [1] Bees — https://x.example/b");
    expect(data.at(-2).choices[0]).toMatchObject({ finish_reason: "stop", delta: { citations: [SHOWN] } });
  });

  it("has the text in one piece of a pipeline that emits none, and none of an empty one", async () => {
    expect(textOf(await dataOf(await chatApp(async () => ANSWER).ask({ stream: true })))).toBe(ANSWER.text);
    const data = await dataOf(await chatApp(async () => ({ ...ANSWER, text: "" })).ask({ stream: true }));
    expect(data).toEqual([chunk({ role: "assistant", content: "" }), chunk(EXTRAS, "stop"), "[DONE]"]);
  });

  it("has what counts after a text that was retracted", async () => {
    const retracted: AnswerQuestion = async (_, call) => {
      call?.onDelta?.("Hmm, let me");
      return { ...ANSWER, text: "Withheld.", answered: false };
    };
    expect(textOf(await dataOf(await chatApp(retracted).ask({ stream: true })))).toBe("Hmm, let me\n\nWithheld.");
  });

  it.each([
    ["many pieces", "ab ".repeat(30_000)],
    ["one piece", "x".repeat(95_000)],
  ])("of %s stays small, and is complete all the same", async (_, text) => {
    const response = await chatApp(inWords({ ...ANSWER, text })).ask({ stream: true });
    const body = await response.clone().text();
    expect(body.length).toBeLessThan(1_000_000);
    expect(textOf(await dataOf(response))).toBe(text);
  });

  it("that fails before its first piece is an ordinary error", async () => {
    const unanswered = new UnansweredError(DOWN, [CITATION], []);
    const { ask, seen } = chatApp(async (_, call) => {
      call?.onCitations?.([CITATION], []);
      throw unanswered;
    });
    const response = await ask({ stream: true });
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: { type: "server_error", stage: "llm_generation" } });
    expect(seen).toMatchObject([{ status: 503, stage: "llm_generation" }]);
  });

  it("that fails later ends with the error, without [DONE]", async () => {
    const { ask } = chatApp(async (_, call) => {
      call?.onDelta?.("They");
      throw DOWN;
    });
    const data = await dataOf(await ask({ stream: true }));
    expect(data.slice(0, 2)).toEqual([chunk({ role: "assistant", content: "" }), chunk({ content: "They" })]);
    expect(data.slice(2)).toEqual([
      {
        error: {
          ...{ message: "The language model is unavailable.", type: "server_error", param: null, code: null },
          ...{ stage: "llm_generation", trace_id: TRACE.traceId },
        },
      },
    ]);
  });

  it("aborts the pipeline when its reader disconnects", async () => {
    const aborted = Promise.withResolvers<unknown>();
    const { ask } = chatApp((_, call) => {
      call?.onDelta?.("They");
      call?.signal?.addEventListener("abort", () => aborted.resolve(call.signal?.reason));
      return new Promise(() => {});
    });
    const reader = (await ask({ stream: true })).body?.getReader();
    await reader?.read();
    await reader?.cancel();
    expect(await aborted.promise).toMatchObject({ code: "abandoned" });
  });
});
