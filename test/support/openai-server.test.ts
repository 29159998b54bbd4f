import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createOpenAIClient } from "#providers/openai/client.ts";
import { type OpenAIServerOptions, startOpenAIServer } from "./openai-server.ts";

/** The played service, and the real client's stream of what it says. */
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

describe("the played service streams as the client expects", () => {
  it("the words, the end, and the usage", async () => {
    const { stream } = await streaming({ chat: () => ({ content: "It is\n so [1]. ", finishReason: "length" }) });
    const chunks = await Array.fromAsync(await stream());
    const words = chunks.map(({ choices }) => choices[0]?.delta.content ?? "");
    expect(words).toEqual(["", "It", " is", "\n so", " [1]. ", "", ""]);
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe("length");
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 2, completion_tokens: 4 } });
  });

  it("and notices when the client goes away between two words", async () => {
    const { server, stream } = await streaming({ chat: () => ({ content: "a ".repeat(500) }), tokenDelayMs: 5 });
    for await (const _ of await stream()) break;
    await vi.waitFor(() => expect(server.requests).toMatchObject([{ aborted: true }]));
  });

  it.each(["reset", "silence"] as const)("and breaks off in the middle: %s", async (kind) => {
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
