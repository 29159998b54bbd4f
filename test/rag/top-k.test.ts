import fc from "fast-check";
import { expect, it } from "vitest";
import { createLexicalReranker } from "#providers/lexical/reranker.ts";
import { openSqliteDatabase } from "#providers/sqlite/database.ts";
import { createSqliteStore } from "#providers/sqlite/store.ts";
import { createAnswer } from "#rag/answer.ts";
import { CANDIDATES } from "#rag/search.ts";

const WORDS = ["api", "key", "tenant", "create", "limit", "rate", "topic", "trace", "span", "queue"];

/** A vector that depends on the text, but is near that of no text in particular: meaning and words disagree. */
function vectorOf(text: string): Float32Array {
  let state = Array.from(text).reduce((hash, character) => Math.imul(hash, 31) + character.charCodeAt(0), 7);
  const numbers = WORDS.map(() => {
    state = Math.imul(state, 1_664_525) + 1_013_904_223;
    return (state >>> 8) / 2 ** 24 - 0.5;
  });
  const length = Math.hypot(...numbers);
  return Float32Array.from(numbers, (number) => number / length);
}

const texts = fc.array(
  fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 12 }).map((words) => words.join(" ")),
  { minLength: 1, maxLength: 120, size: "max" },
);

it("the citations for a smaller topK are the first of those for a greater one, over any documents", async () => {
  await fc.assert(
    fc.asyncProperty(texts, fc.subarray(WORDS, { minLength: 1, maxLength: 4 }), async (documents, words) => {
      const database = await openSqliteDatabase({ path: ":memory:", model: "m", dimensions: WORDS.length });
      try {
        const store = createSqliteStore(database);
        for (const [index, text] of documents.entries()) {
          const id = `d${index}`;
          const chunk = { id, position: 0, heading: "", text, vector: vectorOf(text) };
          await store.replace({ id, title: id, topicIds: [], metadata: {}, version: "1" }, [chunk]);
        }
        const answer = createAnswer({
          embedder: {
            ...{ provider: "p", model: "m", dimensions: WORDS.length },
            embed: async (texts) => ({ vectors: texts.map(vectorOf), cacheHits: 0, tokens: 0 }),
          },
          store,
          reranker: createLexicalReranker(),
          generator: {
            ...{ provider: "p", model: "g" },
            generate: async () => ({
              ...{ text: "", answered: false, promptTokens: 0, completionTokens: 0, finishReason: "stop", model: "g" },
            }),
          },
        });
        const idsFor = async (topK: number) =>
          (await answer({ question: words.join(" "), topK })).citations.map(({ chunkId }) => chunkId);
        const all = await idsFor(CANDIDATES);
        expect(all.length).toBe(Math.min(documents.length, CANDIDATES));
        for (let topK = 1; topK < CANDIDATES; topK += 1) expect(await idsFor(topK)).toEqual(all.slice(0, topK));
      } finally {
        database.close();
      }
    }),
    { numRuns: 10, endOnFailure: true },
  );
});
