import { expect, it, onTestFinished } from "vitest";
import type { RerankDialectName } from "./rerank-dialects.ts";
import { startRerankServer } from "./rerank-server.ts";

const BODY = {
  model: "m",
  query: "blue whales",
  documents: ["Granite is hard.", "Whales may be blue.", "Whales sing."],
};

/** The fake server's response to this body, as status and parsed body. */
async function post(name: RerankDialectName, body: object): Promise<[status: number, body: unknown]> {
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
])("responds as %s does: best first, at most the requested number", async (name, body, expected) => {
  expect(await post(name, body)).toEqual([200, expect.objectContaining(expected)]);
});

it("responds as TEI does: a bare list of scores in (0, 1), or raw scores", async () => {
  const { query, documents: texts } = BODY;
  const [, list] = await post("tei", { query, texts });
  expect(list).toMatchObject([{ index: 1 }, { index: 2 }, { index: 0 }]);
  for (const { score } of list as { score: number }[]) expect(score > 0 && score < 1).toBe(true);
  const [, raw] = await post("tei", { query, texts, raw_scores: true });
  expect((raw as { score: number }[])[0]?.score).toBeGreaterThan(1);
});

it.each<[RerankDialectName, string, object, number]>([
  ["cohere", "no model", { ...BODY, model: undefined }, 400],
  ["cohere", "no documents", { ...BODY, documents: [] }, 400],
  ["jina", "no model", { ...BODY, model: undefined }, 422],
  ["voyage", "an unknown argument", { ...BODY, top_n: 2 }, 400],
  ["voyage", "an empty document", { ...BODY, documents: [""] }, 400],
  ["tei", "documents instead of texts", BODY, 422],
  ["tei", "too many texts", { query: "a", texts: Array(33).fill("a") }, 413],
  ["tei", "a long text without truncate", { query: "a", texts: ["a ".repeat(600)] }, 413],
  ["vllm", "texts instead of documents", { query: "a", texts: ["a"] }, 400],
])("rejects as %s does: %s", async (name, _, body, status) => {
  expect((await post(name, body))[0]).toBe(status);
});
