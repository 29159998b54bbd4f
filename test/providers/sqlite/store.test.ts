import fc from "fast-check";
import { expect, test } from "vitest";
import { createSqliteStore } from "#providers/sqlite/store.ts";
import { hashVector } from "../_hash-embedder.ts";
import { documentOf, expectConsistent, newStore, openForTest, temporaryFolder } from "./_sqlite.ts";

const count = (database: Awaited<ReturnType<typeof openForTest>>, table: string) =>
  database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n;
const TABLES = ["documents", "chunks", "words", "topics", "metadata"];

test("a stored document is found with all of its fields", async () => {
  const { store } = await newStore();
  await store.replace(
    ...documentOf("guide", ["Cold starts take long.", "Warm starts do not."], {
      title: "Lambda guide",
      url: "https://example.com/guide",
      heading: "Starts > Cold",
    }),
  );
  const [hit] = await store.search({ text: "cold", vector: hashVector("Cold starts take long."), limit: 5 });
  expect(hit).toEqual({
    chunkId: "guide#0",
    documentId: "guide",
    title: "Lambda guide",
    url: "https://example.com/guide",
    heading: "Starts > Cold",
    text: "Cold starts take long.",
    score: expect.closeTo(1, 6),
    similarity: expect.closeTo(1, 6),
  });
});

test("a document without url is returned without one", async () => {
  const { store } = await newStore();
  await store.replace(...documentOf("a", ["some words"]));
  const [hit] = await store.search({ text: "words", vector: hashVector("words"), limit: 1 });
  expect(hit && "url" in hit).toBe(false);
});

test("versions returns version and chunk count of known ids only", async () => {
  const { store } = await newStore();
  await store.replace(...documentOf("a", ["one", "two"], { version: "x" }));
  await store.replace(...documentOf("empty", [], { version: "y" }));
  expect(await store.versions(["a", "b", "empty", "a"])).toEqual(
    new Map([
      ["a", { version: "x", chunks: 2 }],
      ["empty", { version: "y", chunks: 0 }],
    ]),
  );
  expect(await store.versions([])).toEqual(new Map());
});

test("versions accepts more ids than SQLite has parameters", async () => {
  const { store } = await newStore();
  await store.replace(...documentOf("id-39999", ["one"]));
  const ids = Array.from({ length: 40_000 }, (_, index) => `id-${index}`);
  expect([...(await store.versions(ids)).keys()]).toEqual(["id-39999"]);
});

test("replacing a document by itself leaves the same rows", async () => {
  const { database, store } = await newStore();
  const document = documentOf("a", ["one", "two"], { topicIds: [1, 2, 1], metadata: { lang: "en" } });
  await store.replace(...document);
  const before = TABLES.map((table) => count(database, table));
  await store.replace(...document);
  expect(TABLES.map((table) => count(database, table))).toEqual(before);
  expect(before).toEqual([1, 2, 2, 2, 1]);
});

test("replacing a document by a shorter version leaves no stale row in any table", async () => {
  const { database, store } = await newStore();
  const long = { topicIds: [1, 2, 3], metadata: { lang: "en", year: 2020 } };
  await store.replace(...documentOf("a", ["zebra one", "zebra two", "zebra three"], long));
  await store.replace(...documentOf("a", ["giraffe"], { topicIds: [9], metadata: { lang: "de" }, title: "new" }));
  expect(TABLES.map((table) => count(database, table))).toEqual([1, 1, 1, 1, 1]);
  expectConsistent(database);
  const search = { vector: hashVector("zebra one"), limit: 10 };
  expect(await store.search({ ...search, text: "zebra", filter: { topicIds: [1, 2, 3] } })).toEqual([]);
  expect((await store.search({ ...search, text: "zebra" })).map(({ text }) => text)).toEqual(["giraffe"]);
  expect((await store.search({ ...search, text: "new", filter: { metadata: { lang: ["en"] } } })).length).toBe(0);
});

test("remove deletes a document from every table and returns the number of its chunks", async () => {
  const { database, store } = await newStore();
  await store.replace(...documentOf("a", ["one", "two"], { topicIds: [1], metadata: { lang: "en" } }));
  expect(await store.remove("a")).toBe(2);
  expect(TABLES.map((table) => count(database, table))).toEqual([0, 0, 0, 0, 0]);
  expect(await store.remove("a")).toBeUndefined();
  expectConsistent(database);
});

test("a document that cannot be stored completely leaves the old one unchanged", async () => {
  const { database, store } = await newStore();
  await store.replace(...documentOf("a", ["old text"], { version: "old", topicIds: [1] }));
  const [record, chunks] = documentOf("a", ["new one", "new two"], { version: "new" });
  const broken = chunks.map((chunk, index) => (index === 1 ? { ...chunk, vector: new Float32Array(3) } : chunk));
  await expect(store.replace(record, broken)).rejects.toThrow(/dimension/i);
  expect(await store.versions(["a"])).toEqual(new Map([["a", { version: "old", chunks: 1 }]]));
  expectConsistent(database);
  expect((await store.search({ text: "new", vector: hashVector("new"), limit: 9 })).map(({ text }) => text)).toEqual([
    "old text",
  ]);
});

test("NUL and emoji are preserved, a lone surrogate becomes the replacement character", async () => {
  const { store } = await newStore();
  const text = "before\0after 🦓\ud800 end";
  await store.replace(...documentOf("id\0x", [text], { title: "t\0t", metadata: { "k\0": "v\0\ud800" } }));
  const filter = { metadata: { "k\0": ["v\0\ud800"] } };
  const [hit] = await store.search({ text: "after", vector: hashVector("x"), limit: 1, filter });
  expect(hit).toMatchObject({ documentId: "id\0x", title: "t\0t", text: text.toWellFormed() });
  expect((await store.versions(["id\0x"])).size).toBe(1);
  expect((await store.versions(["id", "id\0y"])).size).toBe(0);
  expect(await store.remove("id\0x")).toBe(1);
});

test("the tables stay consistent after any sequence of replace and remove", async () => {
  const text = fc.string({ unit: "binary", maxLength: 20 });
  const step = fc.record({
    id: fc.constantFrom("a", "b", "c"),
    texts: fc.option(fc.array(text, { maxLength: 4 })),
    topicIds: fc.array(fc.nat({ max: 3 }), { maxLength: 3 }),
    metadata: fc.dictionary(text, fc.oneof(text, fc.integer(), fc.boolean()), { maxKeys: 2 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
      const database = await openForTest();
      const store = createSqliteStore(database);
      const expected = new Map<string, number>();
      for (const { id, texts, topicIds, metadata } of steps) {
        if (texts) {
          await store.replace(...documentOf(id, texts, { topicIds, metadata }));
          expected.set(id, texts.length);
        } else {
          expect(await store.remove(id)).toBe(expected.get(id));
          expected.delete(id);
        }
      }
      const versions = await store.versions(["a", "b", "c"]);
      expect(new Map([...versions].map(([id, { chunks }]) => [id, chunks]))).toEqual(new Map([...expected].toSorted()));
      expectConsistent(database);
      database.close();
    }),
    { numRuns: 40 },
  );
});

test("random updates leave no holes among the vectors", async () => {
  const { database, store } = await newStore();
  const texts = Array.from({ length: 16 }, (_, index) => `part ${index}`);
  for (let round = 0; round < 3; round++) {
    for (let n = 0; n < 250; n++) {
      const id = `document-${round === 0 ? n : (n * 97 + round) % 250}`;
      await store.replace(...documentOf(id, texts, { version: `${round}` }));
    }
  }
  expect(count(database, "code_blocks")).toBe(Math.ceil((250 * 16) / 256));
  expect(count(database, "vector_blocks")).toBe((250 * 16) / 8);
  for (let n = 0; n < 250; n++) if (n % 10) await store.remove(`document-${n}`);
  expectConsistent(database);
  const search = { text: "part 3", vector: hashVector("part 3"), limit: 1000 };
  expect((await store.search(search)).length).toBe(25 * 16);
});

test("ping resolves while the database is open and rejects when it is closed", async () => {
  const { database, store } = await newStore();
  await store.ping();
  database.close();
  await expect(store.ping()).rejects.toThrow();
});

test("documents are still there when the file is opened again", async () => {
  const path = `${temporaryFolder()}/deeper/rag.db`;
  const first = await openForTest({ path });
  await createSqliteStore(first).replace(...documentOf("a", ["kept words"]));
  first.close();
  const store = createSqliteStore(await openForTest({ path }));
  expect((await store.search({ text: "kept", vector: hashVector("kept"), limit: 1 }))[0]?.documentId).toBe("a");
});
