import { describe, expect, it, test } from "vitest";
import { createOpenAIClient } from "#providers/openai/client.ts";
import { createOpenAIEmbedder } from "#providers/openai/embedder.ts";
import { hashVector } from "../_hash-embedder.ts";
import { failureOf, KEY, openAI } from "./_openai.ts";

const MODEL = "text-embedding-3-small";
const TEXTS = ["the canary sings", "a dog", "the canary sings"];

function bodyOf(data: unknown, usage: unknown = { prompt_tokens: 3, total_tokens: 3 }): string {
  return JSON.stringify({ object: "list", data, model: MODEL, usage });
}

describe("embedding texts", () => {
  it("returns their vectors in order and the billed tokens, with one request", async () => {
    const { server, client } = await openAI();
    const { vectors, cacheHits, tokens } = await createOpenAIEmbedder(client, { model: MODEL }).embed(TEXTS);
    expect(vectors).toEqual(TEXTS.map((text) => hashVector(text, 1536)));
    expect({ cacheHits, tokens }).toEqual({ cacheHits: 0, tokens: 8 });
    expect(server.requests.map(({ body }) => body)).toEqual([
      { model: MODEL, input: TEXTS, encoding_format: "base64" },
    ]);
  });

  it("sends no request without texts", async () => {
    const { server, client } = await openAI();
    const nothing = await createOpenAIEmbedder(client, { model: MODEL }).embed([]);
    expect(nothing).toEqual({ vectors: [], cacheHits: 0, tokens: 0 });
    expect(server.requests).toEqual([]);
  });

  it("accepts arrays of numbers from a server that does not support base64", async () => {
    const { client } = await openAI({ floatsOnly: true });
    const { vectors } = await createOpenAIEmbedder(client, { model: MODEL }).embed(TEXTS);
    expect(vectors).toEqual(TEXTS.map((text) => hashVector(text, 1536)));
  });

  it("accepts texts that the service would reject", async () => {
    const { client } = await openAI();
    const { vectors } = await createOpenAIEmbedder(client, { model: MODEL }).embed(["", " \n", "half \ud83d", "\0"]);
    expect(vectors).toHaveLength(4);
  });

  it("orders vectors by index, or by position when they have none", async () => {
    const { server, client } = await openAI();
    const embedder = createOpenAIEmbedder(client, { model: "own", dimensions: 2 });
    const shuffled = [
      { index: 1, embedding: [0, 1] },
      { index: 0, embedding: [1, 0] },
    ];
    server.failNext("embeddings", { kind: "body", text: bodyOf(shuffled) });
    server.failNext("embeddings", { kind: "body", text: bodyOf(shuffled.map(({ embedding }) => ({ embedding }))) });
    expect((await embedder.embed(["a", "b"])).vectors.map(String)).toEqual(["1,0", "0,1"]);
    expect((await embedder.embed(["a", "b"])).vectors.map(String)).toEqual(["0,1", "1,0"]);
  });

  it("normalises vectors to length 1", async () => {
    const { server, client } = await openAI();
    const embedder = createOpenAIEmbedder(client, { model: "own", dimensions: 2 });
    server.failNext("embeddings", { kind: "body", text: bodyOf([{ index: 0, embedding: [30, -40] }]) });
    const [vector] = (await embedder.embed(["a"])).vectors;
    expect(vector?.[0]).toBeCloseTo(0.6);
    expect(vector?.[1]).toBeCloseTo(-0.8);
  });

  it.each([
    ["a missing", undefined],
    ["an invalid", { prompt_tokens: "3" }],
    ["a negative", { prompt_tokens: -3 }],
  ])("counts 0 tokens for %s usage", async (_, usage) => {
    const { server, client } = await openAI();
    const embedder = createOpenAIEmbedder(client, { model: "own", dimensions: 1 });
    server.failNext("embeddings", { kind: "body", text: bodyOf([{ index: 0, embedding: [1] }], usage ?? null) });
    expect((await embedder.embed(["a"])).tokens).toBe(0);
  });
});

describe("the size of the vectors", () => {
  it.each([
    ["OpenAI's own", { model: "text-embedding-3-large" }, 3072, undefined],
    ["shortened, when configured", { model: MODEL, dimensions: 256 }, 256, 256],
    ["that of another model, not sent in the request", { model: "nomic-embed-text", dimensions: 768 }, 768, undefined],
    [
      "sent in the request for another model, when enabled",
      { model: "matryoshka", dimensions: 64, requestDimensions: true },
      64,
      64,
    ],
    ["not sent in the request, when it is the model's own", { model: MODEL, dimensions: 1536 }, 1536, undefined],
    [
      "not sent in the request, when disabled",
      { model: MODEL, dimensions: 512, requestDimensions: false },
      512,
      undefined,
    ],
  ])("is %s", async (_, options, size, requested) => {
    const { server, client } = await openAI({ dimensions: size });
    const embedder = createOpenAIEmbedder(client, options);
    expect(embedder).toMatchObject({
      provider: "openai",
      model: options.model,
      address: "127.0.0.1",
      dimensions: size,
    });
    expect((await embedder.embed(["a"])).vectors[0]).toHaveLength(size);
    expect(server.requests[0]?.body.dimensions).toBe(requested);
  });

  it("must be configured for a model that is not OpenAI's", () => {
    const client = createOpenAIClient({ apiKey: KEY });
    expect(() => createOpenAIEmbedder(client, { model: "nomic-embed-text" })).toThrow(/nomic-embed-text.*dimensions/);
  });

  it("is named in the error, with the size that was returned instead", async () => {
    const { client } = await openAI({ dimensions: 768 });
    const error = await failureOf(createOpenAIEmbedder(client, { model: MODEL }).embed(TEXTS), "canary sings");
    expect(error.message).toBe(`${MODEL} at 127.0.0.1 returned vectors of 768 dimensions; expected 1536`);
    expect(error.code).toBe("dimension_mismatch");
  });
});

const item = (index: number, embedding: unknown = [1, 0]) => ({ index, embedding });

test.each<[name: string, text: string, contentType?: string]>([
  ["a page", "<html>canary sings</html>", "text/html"],
  ["an empty body", ""],
  ["null", "null"],
  ["an object for the list", bodyOf({ 0: item(0) })],
  ["too few vectors", bodyOf([item(0)])],
  ["too many vectors", bodyOf([item(0), item(1), item(2)])],
  ["the same index twice", bodyOf([item(0), item(0)])],
  ["an index out of range", bodyOf([item(0), item(2)])],
  ["invalid items", bodyOf([null, "b"])],
  ["an object for a vector", bodyOf([item(0), item(1, {})])],
  ["truncated base64", bodyOf([item(0), item(1, "AAAAAAA=")])],
  ["words in a vector", bodyOf([item(0), item(1, [1, "canary sings"])])],
  ["nulls in a vector", bodyOf([item(0), item(1, [null, null])])],
  ["zeros", bodyOf([item(0), item(1, [0, 0])])],
  ["infinities", bodyOf([item(0), item(1, [1e300, 0])])],
])("a response of %s for two texts is an error", async (_, text, contentType) => {
  const { server, client } = await openAI();
  server.failNext("embeddings", { kind: "body", text, ...(contentType && { contentType }) });
  const embedder = createOpenAIEmbedder(client, { model: "own", dimensions: 2 });
  const error = await failureOf(embedder.embed(["a", "b"]), "canary sings");
  expect(["unexpected_answer", "malformed_json"]).toContain(error.code);
});

test("an error response names model and host", async () => {
  const { server, client } = await openAI();
  server.failNext("embeddings", { kind: "status", status: 429, error: { message: "", code: "insufficient_quota" } });
  const error = await failureOf(createOpenAIEmbedder(client, { model: MODEL }).embed(TEXTS), "canary sings");
  expect(error.message).toMatch(`${MODEL} at 127.0.0.1 responded with 429 insufficient_quota`);
});
