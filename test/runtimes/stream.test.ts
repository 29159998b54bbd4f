import { describe, expect, test, vi } from "vitest";
import { attribute } from "../support/otlp.ts";
import { STREAMING } from "./_runtimes.ts";
import { answer, startObservedServer } from "./_server.ts";

const question = "How do bees tell where flowers are?";
const STREAMS: [path: string, body: object][] = [
  ["/query", { question, stream: true }],
  ["/v1/chat/completions", { model: "edge-rag", messages: [{ role: "user", content: question }], stream: true }],
];

/** Asks, and reads the answer as far as `onText` wants, which gets all that has been read. */
async function read(
  url: string,
  body: object,
  onText: (text: string) => "more" | "enough",
  leaving = new AbortController(),
): Promise<void> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body), signal: leaving.signal });
  let text = "";
  for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += part;
    if (onText(text) === "more") continue;
    leaving.abort();
    return;
  }
}

describe.each(STREAMING.map((runtime) => [runtime.name, runtime] as const))("on %s", (_, runtime) => {
  test("each delta leaves before the model makes the next", async () => {
    let received = "";
    const { url } = await startObservedServer(runtime, {
      chat: () => ({ content: "Uno due tre quattro cinque." }),
      onDelta: (text) => vi.waitFor(() => expect(received).toContain(text.trim()), { timeout: 10_000, interval: 5 }),
    });
    for (const [path, body] of STREAMS) {
      received = "";
      await read(`${url}${path}`, body, (text) => {
        received = text;
        return "more";
      });
      expect(received).toMatch(/event: done|data: \[DONE\]/);
    }
  });

  test("a reader who goes stops the model, and the trace arrives", async () => {
    const { url, openai, spans } = await startObservedServer(runtime, answer(2_000));
    // Twice: workerd notices some of the readers also without its flag.
    for (const [path, body] of [...STREAMS, ...STREAMS]) {
      spans.length = 0;
      await read(`${url}${path}`, body, (text) => (text.includes("Buzz") ? "enough" : "more"));
      const chat = openai.requests.findLast(({ endpoint }) => endpoint === "chat");
      await vi.waitFor(() => expect(chat?.aborted).toBe(true), 2_000);
      const root = () => spans.find(({ name }) => name === `POST ${path}`);
      await vi.waitFor(() => expect(root()).toBeDefined(), 5_000);
      const span = spans.find(({ name, traceId }) => name === "rag.llm_generation" && traceId === root()?.traceId);
      expect(span && attribute(span, "error.type")).toBe("abandoned");
    }
  });

  test("a reader who goes before there is a response loses no span", async () => {
    const { url, openai, spans } = await startObservedServer(runtime, {});
    openai.failAlways("chat", { kind: "slow", ms: 300 });
    for (let count = 1; count <= 4; count++) {
      const leaving = new AbortController();
      const reading = read(`${url}/query`, { question: `${question} ${count}` }, () => "more", leaving);
      const chats = () => openai.requests.filter(({ endpoint }) => endpoint === "chat");
      await vi.waitFor(() => expect(chats()).toHaveLength(count), 5_000);
      leaving.abort();
      await expect(reading).rejects.toThrow("aborted");
    }
    const named = (wanted: string) => spans.filter(({ name }) => name === wanted);
    await vi.waitFor(() => expect(named("POST /query")).toHaveLength(4), 5_000);
    expect(named("rag.llm_generation")).toHaveLength(4);
  });
});
