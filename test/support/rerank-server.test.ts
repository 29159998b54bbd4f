import { expect, it, onTestFinished } from "vitest";
import type { RerankDialectName } from "./rerank-dialects.ts";
import { startRerankServer } from "./rerank-server.ts";

const BODY = {
  model: "m",
  query: "blue whales",
  documents: ["Granite is hard.", "Whales may be blue.", "Whales sing."],
};

/** The played service's answer to this body, as status and value. */
async function ask(name: RerankDialectName, body: object): Promise<[status: number, answer: unknown]> {
  const server = await startRerankServer(name);
  onTestFinished(() => server.close());
  const response = await fetch(server.url, { method: "POST", body: JSON.stringify(body) });
  return [response.status, await response.json()];
}

const scores = (...indexes: number[]) =>
  indexes.map((index) => expect.objectContaining({ index, relevance_score: expect.any(Number) }));

it.each<[RerankDialectName, object, object]>([
  ["cohere", { ...BODY, top_n: 2 }, { results: scores(1, 2), meta: expect.anything() }],
  ["jina", { ...BODY, top_n: 2 }, { model: "m", results: scores(1, 2) }],
  ["voyage", { ...BODY, top_k: 1 }, { object: "list", data: scores(1), model: "m" }],
  ["vllm", BODY, { results: scores(1, 2, 0) }],
])("%s's answer has its own shape, best first, and no more than asked for", async (name, body, expected) => {
  expect(await ask(name, body)).toEqual([200, expect.objectContaining(expected)]);
});

it("TEI's answer is a bare list of scores in (0, 1), or raw ones", async () => {
  const { query, documents: texts } = BODY;
  const [, answer] = await ask("tei", { query, texts });
  expect(answer).toMatchObject([{ index: 1 }, { index: 2 }, { index: 0 }]);
  for (const { score } of answer as { score: number }[]) expect(score > 0 && score < 1).toBe(true);
  const [, raw] = await ask("tei", { query, texts, raw_scores: true });
  expect((raw as { score: number }[])[0]?.score).toBeGreaterThan(1);
});

it.each<[RerankDialectName, string, object, number]>([
  ["cohere", "no model", { ...BODY, model: undefined }, 400],
  ["cohere", "no documents", { ...BODY, documents: [] }, 400],
  ["jina", "no model", { ...BODY, model: undefined }, 422],
  ["voyage", "another's argument", { ...BODY, top_n: 2 }, 400],
  ["voyage", "an empty document", { ...BODY, documents: [""] }, 400],
  ["tei", "documents for texts", BODY, 422],
  ["tei", "more texts than it takes", { query: "a", texts: Array(33).fill("a") }, 413],
  ["tei", "a long text it may not cut", { query: "a", texts: ["a ".repeat(600)] }, 413],
  ["vllm", "texts for documents", { query: "a", texts: ["a"] }, 400],
])("%s refuses %s", async (name, _, body, status) => {
  expect((await ask(name, body))[0]).toBe(status);
});
