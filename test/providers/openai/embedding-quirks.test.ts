import { expect, test } from "vitest";
import { createOpenAIEmbedder } from "#providers/openai/embedder.ts";
import { createBatchedEmbedder } from "#providers/wrappers/batched-embedder.ts";
import { hashVector } from "../_hash-embedder.ts";
import { BATCH_REFUSALS, RESPONSES, type Refusal, TEXT_REFUSALS } from "./_embedding-quirks.ts";
import { failureOf, openAI } from "./_openai.ts";

const SIZE = 4;
const options = { model: "quirky", dimensions: SIZE };
const text = (words: number, index = 0) => Array.from({ length: words }, (_, word) => `w${index}x${word}`).join(" ");

async function refusing({ refuses, status, body }: Refusal) {
  const { server, client } = await openAI({
    dimensions: SIZE,
    refuse: (texts) =>
      refuses(texts)
        ? { kind: "body", status, text: typeof body === "string" ? body : JSON.stringify(body) }
        : undefined,
  });
  const inputs = () => server.requests.map((request) => request.body.input as string[]);
  return { inputs, embedder: createBatchedEmbedder(createOpenAIEmbedder(client, options), { maxTexts: 16 }) };
}

test.each(BATCH_REFUSALS.map((refusal) => [refusal.server, refusal] as const))(
  "a batch that is too large for %s is halved until it is accepted, and the next one is no larger",
  async (_, refusal) => {
    const { inputs, embedder } = await refusing(refusal);
    const texts = Array.from({ length: 16 }, (_, index) => `text ${index}`);
    expect((await embedder.embed(texts)).vectors).toEqual(texts.map((text) => hashVector(text, SIZE)));
    const refused = inputs().filter(refusal.refuses).length;
    await embedder.embed(texts);
    expect(inputs().filter(refusal.refuses)).toHaveLength(refused);
    expect(refused).toBeGreaterThan(0);
  },
);

test.each(TEXT_REFUSALS.map((refusal) => [refusal.server, refusal] as const))(
  "a text that is too long for %s is cut for the request, and the next one at once",
  async (_, refusal) => {
    const { inputs, embedder } = await refusing(refusal);
    const texts = [text(400), "short"];
    const { vectors } = await embedder.embed(texts);
    expect(vectors[1]).toEqual(hashVector("short", SIZE));
    expect(texts[0]?.startsWith(inputs().at(-1)?.[0] ?? "-")).toBe(true);
    const refused = inputs().filter(refusal.refuses).length;
    await embedder.embed([text(400, 1)]);
    expect(inputs().filter(refusal.refuses)).toHaveLength(refused);
    expect(refused).toBeGreaterThan(0);
  },
);

test.each(Object.entries(RESPONSES))("a response with %s is read", async (_, response) => {
  const { server, client } = await openAI();
  server.failNext("embeddings", { kind: "body", text: JSON.stringify(response) });
  const { vectors, tokens } = await createOpenAIEmbedder(client, options).embed(["bees", "ants"]);
  for (const [place, text] of ["bees", "ants"].entries()) {
    const expected = hashVector(text, SIZE);
    vectors[place]?.forEach((value, index) => void expect(value).toBeCloseTo(expected[index] ?? 9, 5));
  }
  expect(tokens).toBe(0);
});

test("total tokens count where a server reports no others", async () => {
  const { server, client } = await openAI();
  const data = [{ index: 0, embedding: [1, 0, 0, 0] }];
  server.failNext("embeddings", { kind: "body", text: JSON.stringify({ data, usage: { total_tokens: 7 } }) });
  expect((await createOpenAIEmbedder(client, options).embed(["bees"])).tokens).toBe(7);
});

test.each([
  ["null", { data: [{ index: 0, embedding: null }] }, "unexpected_answer"],
  ["zeros", { data: [{ index: 0, embedding: [0, 0, 0, 0] }] }, "unexpected_answer"],
  ["not numbers", { data: [{ index: 0, embedding: ["a", 1, 1, 1] }] }, "unexpected_answer"],
  ["an error with status 200", { error: { message: "no such model", type: "not_found" } }, "not_found"],
])("a vector that is %s is an error", async (_, response, code) => {
  const { server, client } = await openAI();
  server.failAlways("embeddings", { kind: "body", text: JSON.stringify(response) });
  const error = await failureOf(createOpenAIEmbedder(client, options).embed(["bees"]));
  expect(error.code).toBe(code);
});

test("vectors of another size are an error whose detail, for the log, names the setting", async () => {
  const { client } = await openAI({ dimensions: 768 });
  const error = await failureOf(createOpenAIEmbedder(client, options).embed(["bees"]));
  expect(error.detail).toContain("set OPENAI_EMBEDDING_DIMENSIONS=768");
});
