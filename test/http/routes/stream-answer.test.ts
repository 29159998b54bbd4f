import { describe, expect, it, onTestFinished } from "vitest";
import { createApp } from "#http/app.ts";
import type { Outcome } from "#http/context.ts";
import { addQueryRoute } from "#http/routes/query.ts";
import type { AnswerCall, AnswerQuestion } from "#rag/answer.ts";
import { AbandonedError, RagError } from "#rag/errors.ts";
import type { Citation } from "#rag/ports.ts";
import { TRACE } from "../_app.ts";

const CITATION: Citation = {
  index: 1,
  chunkId: "c-1",
  documentId: "d-1",
  title: "T",
  heading: "",
  text: "Set it.",
  score: 0.9,
};
const USAGE = { promptTokens: 1, completionTokens: 2 };
const TIMINGS = { embedding: 1, vector_search: 2, rerank: 3, llm_generation: 4, total: 10 };
const ANSWER = {
  text: "Set it. [1]",
  answered: true,
  citations: [CITATION],
  usage: USAGE,
  timingsMs: TIMINGS,
  cache: { embedding: false },
  degraded: [],
  model: "m",
};

const answers: AnswerQuestion = async (_question, call) => {
  call?.onCitations?.([CITATION], []);
  call?.onDelta?.("Set it. ");
  call?.onDelta?.("[1]");
  return ANSWER;
};

function ask(
  answer: AnswerQuestion,
  {
    timeLeftMs,
    disconnected,
    ...body
  }: { stream?: boolean; timeLeftMs?: number; disconnected?: AbortSignal | undefined } = {},
  accept?: string,
) {
  const seen: Outcome[] = [];
  const pending: Promise<unknown>[] = [];
  let expired = 0;
  const failures: unknown[] = [];
  const expire = () => {
    expired += 1;
  };
  const app = createApp({
    serve: (_request, _invocation, respond) => respond({ ...TRACE, expire, fail: (error) => failures.push(error) }),
    onDone: (outcome) => seen.push(outcome),
  });
  addQueryRoute(app, answer);
  const response = app.request(
    "/query",
    {
      method: "POST",
      headers: { "content-type": "application/json", ...(accept && { accept }) },
      body: JSON.stringify({ question: "How?", ...body }),
    },
    {
      invocation: {
        requestId: "r",
        coldStart: false,
        waitUntil: (work: Promise<unknown>) => void pending.push(work),
        ...(timeLeftMs !== undefined && { timeLeftMs }),
        ...(disconnected && { disconnected }),
      },
    },
  );
  return {
    response: Promise.resolve(response),
    seen,
    done: () => Promise.all(pending),
    expired: () => expired,
    failures,
  };
}

/** [name, data] of each event. */
function eventsIn(text: string): [string, unknown][] {
  expect(text.endsWith("\n\n")).toBe(true);
  return text
    .slice(0, -2)
    .split("\n\n")
    .map((block) => {
      const [name = "", data = "", ...more] = block.split("\n");
      expect(more).toEqual([]);
      return [name.replace(/^event: /, ""), JSON.parse(data.replace(/^data: /, ""))];
    });
}

describe("a streamed answer", () => {
  it.each([
    ["stream: true", { stream: true }, undefined],
    ["the accept header", {}, "text/event-stream"],
    ["the accept header among others", {}, "application/json;q=0.5, Text/Event-Stream;q=0.9"],
  ])("is sent for %s: citations, deltas, done", async (_name, body, accept) => {
    const { response, seen, done } = ask(answers, body, accept);
    const { status, headers, text } = await response.then(async (r) => ({ ...pick(r), text: await r.text() }));
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("text/event-stream");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("server-timing")).toContain(TRACE.traceparent);
    expect(eventsIn(text)).toEqual([
      [
        "citations",
        {
          citations: [{ index: 1, document_id: "d-1", chunk_id: "c-1", title: "T", score: 0.9, text: "Set it." }],
          degraded: [],
          trace_id: TRACE.traceId,
        },
      ],
      ["delta", { text: "Set it. " }],
      ["delta", { text: "[1]" }],
      [
        "done",
        {
          answer: "Set it. [1]",
          answered: true,
          usage: { prompt_tokens: 1, completion_tokens: 2 },
          timings_ms: TIMINGS,
          cache: { embedding: false },
          degraded: [],
          model: "m",
          trace_id: TRACE.traceId,
        },
      ],
    ]);
    await done();
    expect(seen).toMatchObject([{ status: 200, route: "/query" }]);
  });

  it.each([
    ["stream: false, whatever the header", { stream: false }, "text/event-stream"],
    ["neither", {}, "*/*"],
  ])("is not sent for %s", async (_name, body, accept) => {
    const response = await ask(answers, body, accept).response;
    expect(response.headers.get("content-type")).toBe("application/json");
  });

  it("is sent while it is generated", async () => {
    const { promise: rest, resolve: finish } = Promise.withResolvers<void>();
    const { response, seen } = ask(
      async (question, call) => {
        call?.onCitations?.([CITATION], []);
        await rest;
        return answers(question, {});
      },
      { stream: true },
    );
    const reader = (await response).body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toMatch(/^event: citations\n/);
    expect(seen).toEqual([]);
    finish();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toMatch(/^event: done\n/);
  });

  it("that fails before its first event is an ordinary error response", async () => {
    const { response, seen } = ask(() => Promise.reject(new RagError("vector_search", "SECRET")), { stream: true });
    expect((await response).status).toBe(503);
    expect((await response).headers.get("content-type")).toBe("application/problem+json");
    expect(await (await response).json()).toMatchObject({ stage: "vector_search" });
    expect(seen).toMatchObject([{ status: 503, stage: "vector_search" }]);
  });

  it("that fails later ends with an error event, without the internal message", async () => {
    const failing: AnswerQuestion = async (_question, call) => {
      call?.onCitations?.([CITATION], []);
      call?.onDelta?.("Set");
      throw new RagError("llm_generation", "SECRET");
    };
    const { response, seen, done, failures } = ask(failing, { stream: true });
    const text = await (await response).text();
    expect(eventsIn(text).map(([name]) => name)).toEqual(["citations", "delta", "error"]);
    expect(eventsIn(text).at(-1)?.[1]).toMatchObject({ status: 503, stage: "llm_generation", trace_id: TRACE.traceId });
    expect(text).not.toContain("SECRET");
    await done();
    expect(seen).toMatchObject([{ status: 200, stage: "llm_generation", error: { message: "SECRET" } }]);
    expect(failures).toMatchObject([{ message: "SECRET" }]);
  });

  it("ends with an error event at the deadline, and its pipeline is aborted", async () => {
    let signal: AbortSignal | undefined;
    const hanging: AnswerQuestion = (_question, call) => {
      signal = call?.signal;
      call?.onCitations?.([CITATION], []);
      return new Promise(() => {});
    };
    const { response, seen, done, expired } = ask(hanging, { stream: true, timeLeftMs: 20 });
    const events = eventsIn(await (await response).text());
    expect(events.map(([name]) => name)).toEqual(["citations", "error"]);
    expect(events[1]?.[1]).toMatchObject({ status: 504, stage: "deadline" });
    expect(signal?.aborted).toBe(true);
    await done();
    expect(expired()).toBe(1);
    expect(seen).toMatchObject([{ stage: "deadline" }]);
  });

  it.each([
    ["cancels the body", undefined],
    ["says that the reader disconnected", new AbortController()],
  ])("is abandoned when the runtime %s, which does not count as a failure", async (_, connection) => {
    let call: AnswerCall | undefined;
    const hanging: AnswerQuestion = (_question, answerCall) => {
      call = answerCall;
      call?.onCitations?.([CITATION], []);
      return new Promise(() => {});
    };
    const { response, seen, done, failures } = ask(hanging, { stream: true, disconnected: connection?.signal });
    const { body } = await response;
    if (connection) connection.abort();
    else await body?.cancel();
    expect(call?.signal?.reason).toBeInstanceOf(AbandonedError);
    await done();
    expect(seen).toMatchObject([{ status: 200, error: { name: "AbandonedError" } }]);
    expect(failures).toEqual([]);
    call?.onDelta?.("ignored");
  });

  it("causes no unhandled rejection when the pipeline fails after its reader disconnected", async () => {
    const unhandled: unknown[] = [];
    const record = (error: unknown) => unhandled.push(error);
    process.on("unhandledRejection", record);
    onTestFinished(() => void process.off("unhandledRejection", record));
    const failsLate: AnswerQuestion = async (_question, call) => {
      call?.onCitations?.([CITATION], []);
      await new Promise((resolve) => call?.signal?.addEventListener("abort", resolve));
      throw new Error("after the end");
    };
    const { response, done } = ask(failsLate, { stream: true });
    await (await response).body?.cancel();
    await done();
    await new Promise(setImmediate);
    expect(unhandled).toEqual([]);
  });
});

function pick({ status, headers }: Response) {
  return { status, headers };
}

it("stops sending deltas after half a megabyte: done has the whole answer", async () => {
  const response = await ask(
    async (_question, call) => {
      call?.onCitations?.([CITATION], []);
      for (let index = 0; index < 100_000; index += 1) call?.onDelta?.("x");
      return ANSWER;
    },
    { stream: true },
  ).response;
  const body = await response.text();
  expect(body.match(/^event: delta$/gm)?.length).toBeGreaterThan(10_000);
  expect(body.length).toBeLessThan(510_000);
  expect(body).toContain(`event: done\ndata: {"answer":"${ANSWER.text}"`);
});
