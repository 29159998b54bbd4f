import { describe, expect, it } from "vitest";
import type { Degradation } from "#rag/errors.ts";
import { RagError } from "#rag/errors.ts";
import { send, TRACE } from "../../_app.ts";
import { ANSWER, CITATION, chatApp, SHOWN } from "./_chat.ts";

describe("POST /v1/chat/completions", () => {
  it("answers in OpenAI's shape, with the citations as a field of the message", async () => {
    const { ask, seen } = chatApp();
    const response = await ask({});
    expect(response.status).toBe(200);
    expect(response.headers.get("x-request-id")).toBe(TRACE.traceId);
    expect(response.headers.get("server-timing")).toContain("llm_generation;dur=4.0");
    expect(await response.json()).toEqual({
      ...{ id: `chatcmpl-${TRACE.traceId}`, object: "chat.completion", created: 1_790_000_000, model: "edge-rag" },
      choices: [
        {
          index: 0,
          message: {
            ...{ role: "assistant", content: "They dance. [1]", refusal: null },
            ...{ citations: [SHOWN], answered: true, degraded: [] },
          },
          ...{ logprobs: null, finish_reason: "stop" },
        },
      ],
      usage: { prompt_tokens: 10, completion_tokens: 4, total_tokens: 14 },
    });
    expect(seen).toMatchObject([{ route: "/v1/chat/completions", status: 200 }]);
  });

  it("says when the token limit cut the answer, when nothing was found, and which stages were skipped", async () => {
    const skipped: Degradation = { stage: "rerank", error: new RagError("rerank", "down") };
    const answer = { ...ANSWER, finishReason: "max_tokens", answered: false, degraded: [skipped] };
    const { ask } = chatApp(async () => answer);
    const { choices } = (await (await ask({})).json()) as { choices: unknown[] };
    expect(choices).toMatchObject([{ finish_reason: "length", message: { answered: false, degraded: ["rerank"] } }]);
  });

  it("appends the cited sources as a list where that is configured, which no title or URL can leave", async () => {
    const title = "Bees\n[x](http://evil.example) ![i](y) <b>`*";
    const citations = [
      CITATION,
      { ...CITATION, index: 2, title: "Uncited" },
      { ...CITATION, index: 3, title, url: "https://x.example/a ![i](https://evil.example)" },
    ];
    const text = "They dance [1]. So `it` is [3].";
    const { ask } = chatApp(async () => ({ ...ANSWER, text, citations }), { sources: "list" });
    const { choices } = (await (await ask({})).json()) as { choices: { message: { content: string } }[] };
    expect(choices[0]?.message.content).toBe(
      [
        `${text}\n\nSources:`,
        "- [1] Bees — https://x.example/b",
        "- [3] Bees \\[x\\](http://evil.example) !\\[i\\](y) \\<b\\>\\`\\* — https://x.example/a%20!%5Bi%5D(https://evil.example)",
      ].join("\n"),
    );
  });

  it("appends nothing to an answer that cites nothing, and no URL where a document has none", async () => {
    const { url, ...citation } = CITATION;
    const contentOf = async (text: string) => {
      const { ask } = chatApp(async () => ({ ...ANSWER, text, citations: [citation] }), { sources: "list" });
      return ((await (await ask({})).json()) as { choices: { message: { content: string } }[] }).choices[0]?.message
        .content;
    };
    expect(await contentOf("Not found.")).toBe("Not found.");
    expect(await contentOf("So [1].")).toBe("So [1].\n\nSources:\n- [1] Bees");
  });
});

describe("models", () => {
  const jsonOf = async (path: string) => {
    const response = await send(chatApp().app, path);
    return { status: response.status, body: await response.json() };
  };
  const model = { object: "model", created: 1_767_225_600, owned_by: "edge-rag" };

  it("are listed, and found by name, also that of a topic, encoded or not", async () => {
    expect(await jsonOf("/v1/models")).toEqual({
      status: 200,
      body: { object: "list", data: [{ id: "edge-rag", ...model }] },
    });
    for (const name of ["edge-rag", "edge-rag:topic-7", "edge-rag%3Atopic-7", "edge-rag:topic--3"])
      expect(await jsonOf(`/v1/models/${name}`)).toEqual({
        status: 200,
        body: { id: decodeURIComponent(name), ...model },
      });
  });

  it.each(["gpt-4", "edge-rag:topic-x", "edge-rag:topic-", "Edge-rag", "edge-rag:topic-1234567890123456"])(
    "that do not exist are 404 with OpenAI's code: %s",
    async (name) => {
      const { status, body } = await jsonOf(`/v1/models/${name}`);
      expect(status).toBe(404);
      expect(body).toMatchObject({ error: { code: "model_not_found", param: "model", type: "invalid_request_error" } });
      expect((await chatApp().ask({ model: name })).status).toBe(404);
    },
  );
});
