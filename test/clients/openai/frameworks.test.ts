import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Client, nodeClient } from "./_client.ts";
import { KEY, type Service, startService, TEXT } from "./_service.ts";

let service: Service;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service?.stop());

const MESSAGES = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "How do bees tell where flowers are?" },
];
const request = { model: "edge-rag", messages: MESSAGES };
const CITATIONS = [{ index: 1, document_id: "bees", title: "Bees" }, { index: 2 }];

describe("LangChain's ChatOpenAI", () => {
  let client: Client;
  beforeAll(() => {
    client = nodeClient("langchain.mjs");
  });
  const target = () => ({ baseUrl: service.baseUrl, key: KEY });

  it("invokes, and has the citations in the raw response", async () => {
    expect(await client(target(), { do: "chat", request })).toMatchObject({
      ...{ text: TEXT, finishReason: "stop", citations: CITATIONS },
      usage: { output_tokens: expect.any(Number) },
    });
  });

  it("streams, and has the citations in the raw chunk", async () => {
    const chunks = await client(target(), { do: "stream", request });
    expect(chunks.length).toBeGreaterThan(4);
    expect(chunks.map(({ text }: { text: string }) => text).join("")).toBe(TEXT);
    expect(chunks.find(({ citations }: { citations?: object }) => citations)).toMatchObject({ citations: CITATIONS });
    expect(chunks.find(({ usage }: { usage?: object }) => usage)).toMatchObject({
      usage: { total_tokens: expect.any(Number) },
    });
  });

  it("throws for a wrong key and an unknown model", async () => {
    const wrong = await client({ baseUrl: service.baseUrl, key: "erag_wrong" }, { do: "chat", request });
    expect(wrong.error).toMatchObject({ status: 401 });
    const unknown = await client(target(), { do: "stream", request: { ...request, model: "gpt-5" } });
    expect(unknown.error).toMatchObject({ status: 404 });
  });
});

describe("the AI SDK's OpenAI-compatible provider", () => {
  let client: Client;
  beforeAll(() => {
    client = nodeClient("ai-sdk.mjs");
  });
  const target = () => ({ baseUrl: service.baseUrl, key: KEY });

  it("generates a text, and its metadata extractor reads the citations", async () => {
    expect(await client(target(), { do: "chat", request })).toMatchObject({
      ...{ text: TEXT, finishReason: "stop", citations: CITATIONS },
      usage: { outputTokens: expect.any(Number) },
    });
  });

  it("streams a text, likewise", async () => {
    const { pieces, ...rest } = await client(target(), { do: "stream", request });
    expect(pieces.length).toBeGreaterThan(3);
    expect(pieces.join("")).toBe(TEXT);
    expect(rest).toMatchObject({
      ...{ finishReason: "stop", citations: CITATIONS },
      usage: { totalTokens: expect.any(Number) },
    });
  });

  it("throws for a wrong key and an unknown model, and does not hold them worth a retry", async () => {
    const wrong = await client({ baseUrl: service.baseUrl, key: "erag_wrong" }, { do: "chat", request });
    expect(wrong.error).toMatchObject({ status: 401, isRetryable: false });
    const unknown = await client(target(), { do: "stream", request: { ...request, model: "gpt-5" } });
    expect(unknown.error).toMatchObject({ status: 404, isRetryable: false });
    expect(unknown.error.message).toContain("gpt-5");
  });
});
