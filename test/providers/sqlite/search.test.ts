import fc from "fast-check";
import { expect, test } from "vitest";
import { createSqliteStore } from "#providers/sqlite/store.ts";
import type { VectorStore } from "#rag/ports.ts";
import { hashVector } from "../_hash-embedder.ts";
import { documentOf, newStore, openForTest } from "./_sqlite.ts";

const NO_VECTOR = new Float32Array(32);

async function storeOf(texts: Record<string, string>): Promise<VectorStore> {
  const { store } = await newStore();
  for (const [id, text] of Object.entries(texts)) await store.replace(...documentOf(id, [text], { title: "" }));
  return store;
}

/** The ids found by words alone, best first. */
async function byWords(store: VectorStore, text: string): Promise<string[]> {
  return (await store.search({ text, vector: NO_VECTOR, limit: 10 })).map(({ documentId }) => documentId);
}

test("a chunk that matches by words and by vector ranks above one that matches by one of them", async () => {
  const store = await storeOf({ words: "zebra stripes", vector: "quick brown fox", both: "zebra quick" });
  const hits = await store.search({ text: "zebra quick", vector: hashVector("zebra quick"), limit: 3 });
  expect(hits[0]).toMatchObject({ documentId: "both", score: expect.closeTo(1, 9) });
  expect(hits).toHaveLength(3);
  for (const { score } of hits) expect(score > 0 && score <= 1).toBe(true);
});

test("weights decide which of the two rankings wins", async () => {
  const search = { text: "zebra", vector: hashVector("quick brown fox"), limit: 2 };
  const database = await openForTest();
  const lexical = createSqliteStore(database, { fusion: { k: 10, dense: 1, lexical: 30 } });
  const dense = createSqliteStore(database, { fusion: { k: 10, dense: 30, lexical: 1 } });
  await lexical.replace(...documentOf("words", ["zebra stripes"]));
  await lexical.replace(...documentOf("vector", ["quick brown fox"]));
  expect((await lexical.search(search))[0]?.documentId).toBe("words");
  expect((await dense.search(search))[0]?.documentId).toBe("vector");
});

test("similarity is the cosine, also for a hit that was found by words only", async () => {
  const { store } = await newStore();
  for (let n = 0; n < 40; n++) await store.replace(...documentOf(`${n}`, [`exact phrase ${n}`]));
  const opposite = hashVector("zebra").map((value) => -value);
  const [record, chunks] = documentOf("odd", ["zebra"]);
  await store.replace(record, chunks);
  const vector = hashVector("exact phrase");
  const hits = await store.search({ text: "zebra", vector, limit: 50 });
  expect(hits[0]?.documentId).toBe("odd");
  for (const { text, similarity } of hits) {
    const cosine = hashVector(text).reduce((sum, value, index) => sum + value * (vector[index] ?? 0), 0);
    expect(similarity).toBeCloseTo(cosine, 5);
  }
  const [reversed] = await store.search({ text: "zebra", vector: opposite, limit: 1 });
  expect(reversed?.similarity).toBeCloseTo(-1, 5);
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
  expect(await store.search({ ...search, limit: 100_000 })).toHaveLength(2);
  expect(await (await newStore()).store.search({ ...search, limit: 10 })).toEqual([]);
});

test("rejects a vector of another length", async () => {
  const store = await storeOf({ a: "zebra" });
  await expect(store.search({ text: "zebra", vector: Float32Array.of(1), limit: 1 })).rejects.toThrow(/dimension/i);
});

test("words match in other forms, cases and accents", async () => {
  const store = await storeOf({ running: "The RUNNERS were running", cafe: "Un café à Zürich", fullwidth: "ＡＢＣ ①" });
  expect(await byWords(store, "run")).toEqual(["running"]);
  expect(await byWords(store, "CAFE zurich")).toEqual(["cafe"]);
  expect(await byWords(store, "cafe\u0301")).toEqual(["cafe"]);
  expect(await byWords(store, "abc")).toEqual(["fullwidth"]);
});

test("title and heading are searched as well as the text", async () => {
  const { store } = await newStore();
  await store.replace(...documentOf("titled", ["plain text"], { title: "Okapi handbook" }));
  await store.replace(...documentOf("headed", ["plain text"], { title: "", heading: "Care > Feeding" }));
  expect(await byWords(store, "okapi")).toEqual(["titled"]);
  expect(await byWords(store, "feeding")).toEqual(["headed"]);
});

test("stop words match no chunks, unless the question has no other words", async () => {
  const store = await storeOf({ who: "the who is what it is", lambda: "lambda starts cold" });
  expect(await byWords(store, "what is the lambda?")).toEqual(["lambda"]);
  expect(await byWords(store, "What is the who?")).toEqual(["who"]);
});

test("text without spaces is found by parts of it", async () => {
  const store = await storeOf({
    tokyo: "東京タワーは日本の東京都港区にあります。",
    kyoto: "京都は古い都市で、金閣寺が有名です。",
    beijing: "北京是中华人民共和国的首都",
    seoul: "서울은 대한민국의 수도이다",
    bangkok: "กรุงเทพมหานครเป็นเมืองหลวงของประเทศไทย",
    cat: "黒い猫",
  });
  expect((await byWords(store, "東京タワーはどこですか"))[0]).toBe("tokyo");
  expect((await byWords(store, "金閣寺"))[0]).toBe("kyoto");
  expect(await byWords(store, "首都")).toEqual(["beijing"]);
  expect((await byWords(store, "서울의 수도"))[0]).toBe("seoul");
  expect((await byWords(store, "เมืองหลวงของไทย"))[0]).toBe("bangkok");
  expect(await byWords(store, "猫")).toEqual(["cat"]);
  expect(await byWords(store, "黒")).toEqual(["cat"]);
  expect(await byWords(store, "犬")).toEqual([]);
});

const HOSTILE: Record<string, string> = {
  "a quotation mark": '"',
  "an empty phrase": '""',
  "an operator with arguments": "NEAR(a b)",
  "an operator without a right side": "a AND",
  "a lone operator": "NOT",
  "a column filter": "text:zebra",
  "a set of columns": "{title text}: x",
  "an anchor": "^zebra",
  "a prefix": "zebra*",
  "open brackets": "(((",
  SQL: "'; DROP TABLE documents; --",
  NUL: "\0",
  "NUL between words": "zebra\0fox",
  "a lone surrogate": "\ud800",
  "broken pairs": "\ud800\udc00\udfff",
  emoji: "🦓",
  "combining marks without a letter": "\u0301\u0301",
  "a ligature of eighteen letters": "\ufdfa",
  "one word many times": "zebra ".repeat(5000),
  "thousands of words": Array.from({ length: 3000 }, (_, n) => `w${n}`).join(" "),
  "a long run without spaces": "東".repeat(5000),
};

test.each(Object.keys(HOSTILE))("%s in a question is plain text", async (name) => {
  const store = await storeOf({ a: "zebra stripes", b: "fox" });
  const hits = await store.search({ text: HOSTILE[name] ?? "", vector: hashVector("zebra"), limit: 10 });
  expect(hits.map(({ documentId }) => documentId).toSorted()).toEqual(["a", "b"]);
});

test("finds every text by itself and never throws, for any string", async () => {
  const anything = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(fc.nat({ max: 0xffff })).map((units) => String.fromCharCode(...units)),
    fc
      .array(fc.constantFrom('"', "*", "AND", "NEAR(", ")", " ", ":", "^", "zebra", "東京", "ก", "\0", "\ud83e"))
      .map((parts) => parts.join("")),
  );
  const { store } = await newStore();
  await fc.assert(
    fc.asyncProperty(anything, async (text) => {
      await store.replace(...documentOf("a", [`${text} zebra`]));
      expect(await byWords(store, `${text} zebra`)).toEqual(["a"]);
    }),
    { numRuns: 1000 },
  );
});
