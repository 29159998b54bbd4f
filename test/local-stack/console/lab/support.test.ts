import { expect, it, onTestFinished } from "vitest";
import { openEmbeddedStore } from "#compose/embedded.ts";
import { evaluateAnswer } from "#compose/evaluate-answer.ts";
import { supportOfAnswer } from "#console/lab/support.ts";
import { miniLmEmbedder } from "#providers/embedded/minilm-embedder.ts";
import type { Citation, VectorStore } from "#rag/ports.ts";
import { folderOf } from "../../../bulk/_folder.ts";

const HEADING = "Nikola Tesla > Life";
const chunkId = (position: number) => `00000000-0000-4000-8000-${String(position).padStart(12, "0")}`;

/** A document with so many chunks that they are read in several parts; the last one is about Tesla. */
async function storeOf(chunks: number): Promise<VectorStore> {
  const { store, close } = await openEmbeddedStore(folderOf({}), miniLmEmbedder);
  onTestFinished(close);
  const vector = new Float32Array(miniLmEmbedder.dimensions).fill(miniLmEmbedder.dimensions ** -0.5);
  const document = { id: "tesla", title: "", topicIds: [1], metadata: {}, version: "1" };
  await store.replace(
    document,
    Array.from({ length: chunks }, (_, position) => {
      const isLast = position === chunks - 1;
      const text = isLast ? "Born in 1856, he moved away in 1884." : `Note ${position}.`;
      return { id: chunkId(position), position, heading: isLast ? HEADING : "", text, vector };
    }),
  );
  return store;
}

const citation = (index: number, position: number, text: string) => ({
  ...{ index, document_id: "tesla", chunk_id: chunkId(position), title: "", text, score: 1 },
});

const TESLA = citation(1, 249, "Born in 1856, he moved away in 1884.");
const ANSWER = "Nikola Tesla was born in 1856 [1]. Nikola Tesla moved away in 1899 [1].";

it("is what telemetry records, with the headings that a response does not have", async () => {
  const store = await storeOf(250);
  const citations = [TESLA, citation(2, 3, "Nikola is a name.")];
  const { score, sentences } = await supportOfAnswer(store, { answer: ANSWER, citations });
  const sources = citations.map(
    ({ document_id, chunk_id, ...rest }, at): Citation => ({
      ...{ ...rest, documentId: document_id, chunkId: chunk_id, heading: at === 0 ? HEADING : "" },
    }),
  );
  expect(score).toBe(evaluateAnswer(ANSWER, sources)?.score);
  expect(sentences.map(({ start, end }) => ANSWER.slice(start, end).trim())).toEqual([
    ...["Nikola Tesla was born in 1856 [1].", "Nikola Tesla moved away in 1899 [1]."],
  ]);
  expect(sentences[0]).toMatchObject({ label: "grounded", cited: [1], best: { index: 1 }, unsupported_facts: [] });
  expect(sentences[0]).not.toHaveProperty("better");
  expect(sentences[1]).toMatchObject({ denied: false, unsupported_facts: [{ kind: "number", text: "1899" }] });
});

it("reads no document that the caller may not, and compares without the headings of one that is gone", async () => {
  const store = await storeOf(250);
  const request = { answer: ANSWER, citations: [TESLA] };
  const all = await supportOfAnswer(store, request);
  expect(await supportOfAnswer(store, request, { topicIds: [1] })).toEqual(all);
  const hidden = await supportOfAnswer(store, request, { topicIds: [2] });
  expect(hidden.score).toBeLessThan(all.score ?? 0);
  await store.remove("tesla");
  expect(await supportOfAnswer(store, request)).toEqual(hidden);
});

it("names a source that supports a sentence better than those that it cites", async () => {
  const store = await storeOf(1);
  const citations = [citation(1, 0, "Bees dance."), citation(2, 0, "Wasps build nests of paper in June.")];
  const answer = "Wasps build nests of paper in June [1]. Bees dance.";
  const { sentences } = await supportOfAnswer(store, { answer, citations });
  expect(sentences[0]).toMatchObject({
    ...{ cited: [1], best: { index: 1 }, better: { index: 2, score: 1 }, unsupported_citations: [1] },
  });
  expect(sentences[1]).toMatchObject({ cited: [], better: { index: 1, score: 1 }, unsupported_citations: [] });
  expect(sentences[1]).not.toHaveProperty("best");
});

it("has no score for an answer that says nothing", async () => {
  const support = await supportOfAnswer(await storeOf(1), { answer: "… [1]", citations: [TESLA] });
  expect(support).toEqual({ score: null, sentences: [] });
});
