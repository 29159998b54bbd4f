import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createOpenAIClient } from "#providers/openai/client.ts";
import { type OpenAIServerOptions, startOpenAIServer } from "./openai-server.ts";

/** The fake server, and a function that streams from it with the real client. */
async function streaming(options: OpenAIServerOptions, timeoutMs = 5_000) {
  const server = await startOpenAIServer(options);
  onTestFinished(() => server.close());
  const stream = () =>
    createOpenAIClient({ baseURL: server.url, timeoutMs }).chat.completions.create({
      model: "m",
      messages: [{ role: "user", content: "two words" }],
      stream: true,
      stream_options: { include_usage: true },
    });
  return { server, stream };
}

describe("the fake OpenAI server", () => {
  it("streams words, the finish reason and the usage as the client expects", async () => {
    const { stream } = await streaming({ chat: () => ({ content: "It is\n so [1]. ", finishReason: "length" }) });
    const chunks = await Array.fromAsync(await stream());
    const words = chunks.map(({ choices }) => choices[0]?.delta.content ?? "");
    expect(words).toEqual(["", "It", " is", "\n so", " [1]. ", "", ""]);
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe("length");
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 2, completion_tokens: 4 } });
  });

  it("records that the client disconnected between two words", async () => {
    const { server, stream } = await streaming({ chat: () => ({ content: "a ".repeat(500) }), tokenDelayMs: 5 });
    for await (const _ of await stream()) break;
    await vi.waitFor(() => expect(server.requests).toMatchObject([{ aborted: true }]));
  });

  it.each(["reset", "silence"] as const)("fails in the middle of a stream: %s", async (kind) => {
    const { server, stream } = await streaming({ chat: () => ({ content: "a ".repeat(20) }) }, 300);
    server.failNext("chat", { kind, midBody: true });
    const chunks: unknown[] = [];
    const reading = (async () => {
      for await (const chunk of await stream()) chunks.push(chunk);
    })();
    await expect(reading).rejects.toThrow();
    expect(chunks.length).toBeGreaterThan(0);
    expect(chunks.length).toBeLessThan(20);
  });
});
