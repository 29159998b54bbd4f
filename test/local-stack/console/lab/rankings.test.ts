import { expect, it, onTestFinished } from "vitest";
import { createEmbeddedClients } from "#compose/embedded.ts";
import { composePorts, type Ports } from "#compose/ports.ts";
import { rankCandidates } from "#console/lab/rankings.ts";
import { createChunker } from "#rag/chunk.ts";
import { createIngest } from "#rag/ingest.ts";
import { createSearch } from "#rag/search.ts";
import { folderOf } from "../../../bulk/_folder.ts";

const DOCUMENTS = {
  bees: "# Bees\n\nHoney bees dance to tell each other where flowers are.",
  wasps: "# Wasps\n\nThey are insects with stings, that live in nests of paper.",
  code: "# Settings\n\nSet ZX81_MODE to change the machine.",
  paper: "# Paper\n\nPaper is made of wood.",
};

async function portsWith(documents: Readonly<Record<string, string>>): Promise<Ports> {
  const clients = await createEmbeddedClients(folderOf({}));
  onTestFinished(() => clients.close());
  const ports = composePorts(clients);
  const ingest = createIngest({ chunker: createChunker({ countTokens: (text) => text.length / 4 }), ...ports });
  await ingest(Object.entries(documents).map(([id, text]) => ({ id, text, topicIds: id === "code" ? [2] : [1] })));
  return ports;
}

it("ranks as the search does, and by meaning and by words alone", { timeout: 60_000 }, async () => {
  const ports = await portsWith(DOCUMENTS);
  const question = { question: "Which insect shows the way to flowers in ZX81_MODE?", topK: 50 };
  const result = await rankCandidates(ports, question);
  const ids = (list: { document_id: string }[]) => list.map(({ document_id }) => document_id);
  expect(ids(result.meaning)[0]).toBe("bees");
  expect(result.meaning.every(({ score }) => score <= 1 && score >= -1)).toBe(true);
  // Nothing in it has a word of the question.
  expect(ids(result.meaning)).toContain("paper");
  expect(ids(result.words)).not.toContain("paper");
  expect(ids(result.words)).toEqual(expect.arrayContaining(["code", "bees"]));
  const { citations } = await createSearch(ports)(question);
  expect(result.reranked.map(({ chunk_id, score }) => ({ chunk_id, score }))).toEqual(
    citations.map(({ chunkId, score }) => ({ chunk_id: chunkId, score })),
  );
  expect(ids(result.fused).toSorted()).toEqual(ids(result.reranked).toSorted());
  for (const { parts, score } of result.reranked) {
    const { words = 0, sentence = 0, phrase = 0, meaning = 0, place = 0 } = parts ?? {};
    expect((words + sentence + phrase + meaning) * place).toBeCloseTo(score, 10);
  }
  const bees = result.fused.find(({ document_id }) => document_id === "bees");
  expect(bees?.marks.map(({ start, end }) => bees.text.slice(start, end))).toEqual(["flowers"]);
  expect(result.degraded).toEqual([]);
});

it("restricts each list to the topics, and to its length", { timeout: 60_000 }, async () => {
  const ports = await portsWith(DOCUMENTS);
  const filter = { topicIds: [1] };
  const result = await rankCandidates(ports, { question: "ZX81_MODE of bees and wasps", topK: 1, filter });
  for (const name of ["meaning", "words", "fused", "reranked"] as const) {
    expect(result[name]).toHaveLength(1);
    expect(result[name].map(({ document_id }) => document_id)).not.toContain("code");
  }
});

it("goes on without a stage that fails, and says why", { timeout: 60_000 }, async () => {
  const { store, embedder, reranker } = await portsWith(DOCUMENTS);
  const fails = () => Promise.reject(new Error("no route to host"));
  const result = await rankCandidates(
    { store, embedder: { ...embedder, embed: fails }, reranker: { ...reranker, rerank: fails } },
    { question: "bees", topK: 5 },
  );
  expect(result.meaning).toEqual([]);
  expect(result.reranked).toEqual([]);
  expect(result.fused.map(({ chunk_id }) => chunk_id)).toEqual(result.words.map(({ chunk_id }) => chunk_id));
  expect(result.degraded).toEqual([
    { stage: "embedding", reason: "no route to host" },
    { stage: "rerank", reason: "no route to host" },
  ]);
});
