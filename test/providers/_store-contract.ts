import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MetadataValue, SearchFilter, VectorStore } from "#rag/ports.ts";
import { hashVector } from "./_hash-embedder.ts";
import { documentOf } from "./sqlite/_sqlite.ts";

/** The embedding space of a store under test. */
export const CONTENT = { model: "hash", dimensions: 32 };

const NO_VECTOR = new Float32Array(CONTENT.dimensions);

/**
 * Tests for every VectorStore. `open` returns an empty store for {@link CONTENT}; `runs` is the number of runs of a
 * property test.
 */
export function storeContract(name: string, open: () => Promise<VectorStore>, { runs = 25 } = {}): void {
  async function storeOf(texts: Record<string, string>): Promise<VectorStore> {
    const store = await open();
    for (const [id, text] of Object.entries(texts)) await store.replace(...documentOf(id, [text], { title: "" }));
    return store;
  }
  const byWords = async (store: VectorStore, text: string) =>
    (await store.search({ text, vector: NO_VECTOR, limit: 10 })).map(({ documentId }) => documentId);

  describe(`${name} stores documents`, () => {
    test("a stored document is found with all of its fields", async () => {
      const store = await open();
      const fields = { title: "Lambda guide", url: "https://example.com/guide", heading: "Starts > Cold" };
      await store.replace(...documentOf("guide", ["Cold starts take long.", "Warm starts do not."], fields));
      const [hit] = await store.search({ text: "cold", vector: hashVector("Cold starts take long."), limit: 5 });
      expect(hit).toEqual({
        ...{ chunkId: "guide#0", documentId: "guide", text: "Cold starts take long.", ...fields },
        score: expect.closeTo(1, 6),
        similarity: expect.closeTo(1, 6),
      });
    });

    test("a document without url is returned without one", async () => {
      const [hit] = await (await storeOf({ a: "words" })).search({ text: "words", vector: NO_VECTOR, limit: 1 });
      expect(hit && "url" in hit).toBe(false);
    });

    test("versions returns version and chunk count of known ids only", async () => {
      const store = await open();
      await store.replace(...documentOf("a", ["one", "two"], { version: "x" }));
      await store.replace(...documentOf("empty", [], { version: "y" }));
      const known = { a: { version: "x", chunks: 2 }, empty: { version: "y", chunks: 0 } };
      expect(await store.versions(["a", "b", "empty", "a"])).toEqual(new Map(Object.entries(known)));
      expect(await store.versions([])).toEqual(new Map());
    });

    test("versions accepts thousands of ids", async () => {
      const store = await open();
      await store.replace(...documentOf("id-2999", ["one"]));
      const ids = Array.from({ length: 3000 }, (_, index) => `id-${index}`);
      expect([...(await store.versions(ids)).keys()]).toEqual(["id-2999"]);
    });

    test("a document with more chunks than fit in one request is stored completely, also the second time", async () => {
      const store = await open();
      const texts = Array.from({ length: 150 }, (_, index) => `part ${index}`);
      for (const _ of [1, 2]) {
        await store.replace(...documentOf("long", texts));
        expect((await store.versions(["long"])).get("long")?.chunks).toBe(150);
        expect(await store.search({ text: "part", vector: hashVector("part"), limit: 200 })).toHaveLength(150);
      }
    });

    test("replacing a document by a shorter version leaves no stale chunks", async () => {
      const store = await open();
      const long = { topicIds: [1, 2, 3], metadata: { lang: "en", year: 2020 } };
      await store.replace(...documentOf("a", ["zebra one", "zebra two", "zebra three"], long));
      await store.replace(...documentOf("a", ["giraffe"], { topicIds: [9], metadata: { lang: "de" }, title: "new" }));
      const search = { vector: hashVector("zebra one"), limit: 10 };
      expect(await store.search({ ...search, text: "zebra", filter: { topicIds: [1, 2, 3] } })).toEqual([]);
      expect((await store.search({ ...search, text: "zebra" })).map(({ text }) => text)).toEqual(["giraffe"]);
      expect(await store.search({ ...search, text: "new", filter: { metadata: { lang: ["en"] } } })).toEqual([]);
    });

    test("remove deletes a document and returns the number of its chunks", async () => {
      const store = await open();
      await store.replace(...documentOf("a", ["zebra one", "zebra two"]));
      await store.replace(...documentOf("b", ["zebra three"]));
      expect(await store.remove("a")).toBe(2);
      expect(await store.remove("a")).toBeUndefined();
      expect(await byWords(store, "zebra")).toEqual(["b"]);
      expect([...(await store.versions(["a", "b"])).keys()]).toEqual(["b"]);
    });

    test("a document that cannot be stored completely leaves the old one unchanged", async () => {
      const store = await open();
      await store.replace(...documentOf("a", ["old text"], { version: "old" }));
      const [record, chunks] = documentOf("a", ["new one", "new two"], { version: "new" });
      const broken = chunks.map((chunk, index) => (index === 1 ? { ...chunk, vector: new Float32Array(3) } : chunk));
      await expect(store.replace(record, broken)).rejects.toThrow(/dimension/i);
      expect(await store.versions(["a"])).toEqual(new Map([["a", { version: "old", chunks: 1 }]]));
      const found = await store.search({ text: "new", vector: hashVector("new"), limit: 9 });
      expect(found.map(({ text }) => text)).toEqual(["old text"]);
    });

    test("NUL and emoji are preserved, a lone surrogate becomes the replacement character", async () => {
      const store = await open();
      const text = "before\0after 🦓\ud800 end";
      const id = "id\0x\ud800";
      await store.replace(...documentOf(id, [text], { title: "t\0t", metadata: { "k\0": "v\0\ud800" } }));
      const filter = { metadata: { "k\0": ["v\0\ud800"] } };
      const [hit] = await store.search({ text: "after", vector: hashVector("x"), limit: 1, filter });
      expect(hit).toMatchObject({ documentId: id.toWellFormed(), title: "t\0t", text: text.toWellFormed() });
      expect((await store.versions(["id", id, "id\0y"])).size).toBe(1);
      expect(await store.remove(id)).toBe(1);
    });

    test("after any sequence of replace and remove the store has the last version of each document", async () => {
      const step = fc.record({
        id: fc.constantFrom("a", "b", "c"),
        texts: fc.option(fc.array(fc.string({ unit: "binary", maxLength: 20 }), { maxLength: 4 })),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
          const store = await open();
          const expected = new Map<string, string[]>();
          for (const [index, { id, texts }] of steps.entries()) {
            if (texts) {
              await store.replace(...documentOf(id, texts, { version: `${index}` }));
              expected.set(id, texts);
            } else {
              expect(await store.remove(id)).toBe(expected.get(id)?.length);
              expected.delete(id);
            }
          }
          const versions = await store.versions(["a", "b", "c"]);
          expect([...versions.keys()].toSorted()).toEqual([...expected.keys()].toSorted());
          const hits = await store.search({ text: "", vector: hashVector("anything"), limit: 50 });
          const texts = [...expected.values()].flat().map((text) => text.toWellFormed());
          expect(hits.map(({ text }) => text).toSorted()).toEqual(texts.toSorted());
        }),
        { numRuns: runs },
      );
    });

    test("ping resolves", async () => {
      await (await open()).ping();
    });
  });

  describe(`${name} searches`, () => {
    test("a chunk that matches by words and by vector ranks above one that matches by one of them", async () => {
      const store = await storeOf({ words: "zebra stripes", vector: "quick brown fox", both: "zebra quick" });
      const hits = await store.search({ text: "zebra quick", vector: hashVector("zebra quick"), limit: 3 });
      expect(hits[0]?.documentId).toBe("both");
      expect(hits).toHaveLength(3);
      const scores = hits.map(({ score }) => score);
      expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    });

    test("similarity is the cosine, also for a hit that was found by words only", async () => {
      const store = await open();
      for (let n = 0; n < 40; n++) await store.replace(...documentOf(`${n}`, [`exact phrase ${n}`]));
      await store.replace(...documentOf("odd", ["zebra"]));
      const vector = hashVector("exact phrase");
      const hits = await store.search({ text: "zebra", vector, limit: 30 });
      expect(hits.map(({ documentId }) => documentId)).toContain("odd");
      for (const { text, similarity } of hits) {
        const cosine = hashVector(text).reduce((sum, value, index) => sum + value * (vector[index] ?? 0), 0);
        expect(similarity).toBeCloseTo(cosine, 5);
      }
    });

    test("a zero vector is searched by words alone, a question without words by its vector alone", async () => {
      const store = await storeOf({ a: "zebra stripes", b: "quick fox" });
      const words = await store.search({ text: "zebra", vector: NO_VECTOR, limit: 5 });
      expect(words.map(({ documentId }) => documentId)).toEqual(["a"]);
      expect(words[0] && "similarity" in words[0]).toBe(false);
      const vector = await store.search({ text: "?!", vector: hashVector("quick fox"), limit: 5 });
      expect(vector.map(({ documentId }) => documentId)).toEqual(["b", "a"]);
      expect(await store.search({ text: "", vector: NO_VECTOR, limit: 5 })).toEqual([]);
    });

    test("returns at most `limit` hits", async () => {
      const store = await storeOf({ a: "zebra", b: "fox" });
      const search = { text: "zebra", vector: hashVector("zebra") };
      expect(await store.search({ ...search, limit: 0 })).toEqual([]);
      expect(await store.search({ ...search, limit: -1 })).toEqual([]);
      expect(await store.search({ ...search, limit: 1 })).toHaveLength(1);
      expect(await store.search({ ...search, limit: 1000 })).toHaveLength(2);
      expect(await (await open()).search({ ...search, limit: 10 })).toEqual([]);
    });

    test("rejects a vector of another length", async () => {
      const store = await storeOf({ a: "zebra" });
      await expect(store.search({ text: "zebra", vector: Float32Array.of(1), limit: 1 })).rejects.toThrow(/dimension/i);
    });

    test("words match in other forms, cases and accents, also in title and heading, rare ones first", async () => {
      const store = await storeOf({ running: "The RUNNERS were running", cafe: "Un café à Zürich", width: "ＡＢＣ ①" });
      await store.replace(...documentOf("titled", ["plain text"], { title: "Okapi handbook", heading: "Feeding" }));
      await store.replace(...documentOf("plain", ["plain text"], { title: "" }));
      expect(await byWords(store, "run")).toEqual(["running"]);
      expect(await byWords(store, "CAFE zurich")).toEqual(["cafe"]);
      expect(await byWords(store, "abc")).toEqual(["width"]);
      expect(await byWords(store, "okapi")).toEqual(["titled"]);
      expect(await byWords(store, "feed the okapi in plain text")).toEqual(["titled", "plain"]);
    });

    test("stop words match no chunks, unless the question has no other words", async () => {
      const store = await storeOf({ who: "the who is what it is", lambda: "lambda starts cold" });
      expect(await byWords(store, "what is the lambda?")).toEqual(["lambda"]);
      expect(await byWords(store, "What is the who?")).toEqual(["who"]);
    });

    test("text without spaces is found by parts of it", async () => {
      const store = await storeOf({
        ...{ tokyo: "東京タワーは日本の東京都港区にあります。", kyoto: "京都は古い都市で、金閣寺が有名です。" },
        ...{ seoul: "서울은 대한민국의 수도이다", bangkok: "กรุงเทพมหานครเป็นเมืองหลวงของประเทศไทย" },
      });
      expect((await byWords(store, "東京タワーはどこですか"))[0]).toBe("tokyo");
      expect((await byWords(store, "金閣寺"))[0]).toBe("kyoto");
      expect((await byWords(store, "서울의 수도"))[0]).toBe("seoul");
      expect((await byWords(store, "เมืองหลวงของไทย"))[0]).toBe("bangkok");
    });

    test.each(HOSTILE)("%s in a question is plain text", async (_, text) => {
      const store = await storeOf({ a: "zebra stripes", b: "fox" });
      const hits = await store.search({ text, vector: hashVector("zebra"), limit: 10 });
      expect(hits.map(({ documentId }) => documentId).toSorted()).toEqual(["a", "b"]);
    });
  });

  describe(`${name} filters`, () => {
    async function found(documents: Parameters<typeof documentOf>[2][], filters: SearchFilter[]): Promise<string[]> {
      const store = await open();
      for (const [index, fields] of documents.entries()) {
        await store.replace(...documentOf(`${index}`, ["common words here"], fields));
      }
      const ids = filters.map(async (filter) => {
        const hits = await store.search({ text: "common words", vector: hashVector("common"), limit: 100, filter });
        return hits
          .map(({ documentId }) => documentId)
          .toSorted()
          .join(" ");
      });
      return Promise.all(ids);
    }

    test("a document matches with any of the topics, and all match a filter without conditions", async () => {
      const documents = [{ topicIds: [1] }, { topicIds: [2, 3] }, { topicIds: [4] }, {}];
      const filters = [{ topicIds: [1, 3] }, { topicIds: [99] }, {}];
      expect(await found(documents, filters)).toEqual(["0 1", "", "0 1 2 3"]);
    });

    test("a present but empty condition matches nothing", async () => {
      const documents = [{ topicIds: [1], metadata: { lang: "en" } }];
      const empty = [{ topicIds: [] }, { metadata: {} }, { metadata: { lang: [] } }, { topicIds: [1], metadata: {} }];
      const filters = [...empty, { metadata: { lang: ["en"], other: [] } }];
      expect(await found(documents, filters)).toEqual(filters.map(() => ""));
    });

    test("every key of a metadata condition must match, each with any of its values, and the topics too", async () => {
      const documents = [
        { metadata: { lang: "en", year: 2020 }, topicIds: [1] },
        { metadata: { lang: "en", year: 2021 } },
        { metadata: { lang: "de", year: 2020 }, topicIds: [1] },
        { metadata: { year: 2020 } },
      ];
      const filters = [
        { metadata: { lang: ["en"], year: [2020] } },
        { metadata: { lang: ["en", "de"], year: [2020, 2020] } },
        { metadata: { year: [2020] }, topicIds: [1, 7] },
        { metadata: { year: [2021] }, topicIds: [1] },
      ];
      expect(await found(documents, filters)).toEqual(["0", "0 2", "0 2", ""]);
    });

    test('"1", 1, 1.5 and true are different values', async () => {
      const values: MetadataValue[] = ["1", 1, true, "true", 0, false, "", 1.5, "\ud800", "\ufffd"];
      const filters = values.map((value) => ({ metadata: { value: [value] } }));
      const documents = values.map((value) => ({ metadata: { value } }));
      expect(await found(documents, filters)).toEqual(values.map((_, index) => `${index}`));
    });

    test("a filter by a rare topic fills the whole list, however low its chunks rank without the filter", async () => {
      const store = await open();
      const near = Array.from({ length: 120 }, () => "exactly the question asked");
      await store.replace(...documentOf("near", near, { topicIds: [1] }));
      const far = Array.from({ length: 12 }, (_, n) => `unrelated matter ${n}`);
      await store.replace(...documentOf("far", far, { topicIds: [2] }));
      const question = { text: "exactly the question asked", vector: hashVector("exactly the question asked") };
      const hits = await store.search({ ...question, limit: 10, filter: { topicIds: [2] } });
      expect(hits.map(({ documentId }) => documentId)).toEqual(Array(10).fill("far"));
    });
  });
}

const HOSTILE: [name: string, question: string][] = [
  ["a quotation mark", '"'],
  ["an operator", "NEAR(a b) AND NOT"],
  ["SQL", "'; DROP TABLE documents; --"],
  ["JSON", '"}],"filter":{"must_not":[{}]}'],
  ["NUL", "zebra\0fox"],
  ["a lone surrogate", "\ud800 zebra"],
  ["emoji", "🦓"],
  ["combining marks without a letter", "\u0301\u0301"],
  ["one word many times", "zebra ".repeat(5000)],
  ["thousands of words", Array.from({ length: 3000 }, (_, n) => `w${n}`).join(" ")],
  ["a long run without spaces", "東".repeat(5000)],
];
