import type { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { createPassing } from "#providers/sqlite/filter.ts";
import { createSqliteStore } from "#providers/sqlite/store.ts";
import { createBm25 } from "#providers/sqlite/words/bm25.ts";
import { createPostings } from "#providers/sqlite/words/postings.ts";
import { questionWordsOf } from "#providers/sqlite/words/words.ts";
import type { VectorStore } from "#rag/ports.ts";
import { seeded } from "../../../tools/bench/statistics/random.ts";
import { documentOf, newStore, openForTest, temporaryFolder } from "../_sqlite.ts";

const DEPTH = 10;
const WORDS = ["everywhere", "half", "often", "common", "rare", "rarer", "rarest"];
/** Percentage of chunks with each of the words. */
const SHARES = [90, 50, 30, 20, 8, 4, 2];
const OF_TOPIC = "document IN (SELECT document FROM topics WHERE topic = 1)";

/** Documents of a chunk of various lengths, with up to three occurrences of each word; every fifth has topic 1. */
function mixedDocuments(seed: number) {
  const random = seeded(seed);
  const some = (most: number) => Math.floor(random() * most);
  return (number: number): Parameters<VectorStore["replace"]> => {
    const words = WORDS.flatMap((word, index) => {
      const has = random() * 100 < (SHARES[index] ?? 0);
      return has ? Array.from({ length: 1 + some(3) }, () => word) : [];
    });
    const filling = Array.from({ length: some(20) }, () => `filling${some(500)}`);
    const [title, heading] = Array.from({ length: 2 }, () => WORDS[some(40)] ?? "other");
    const fields = { topicIds: [number % 5], ...(title && { title }), ...(heading && { heading }) };
    return documentOf(`${number}`, [[...words, ...filling].join(" ")], fields);
  };
}

async function mixedStore(chunks = 400) {
  const { database, store } = await newStore();
  const documents = mixedDocuments(7);
  for (let number = 0; number < chunks; number += 1) await store.replace(...documents(number));
  return { database, store };
}

/** What FTS5 ranks best of any of the words. */
function byFts5(database: DatabaseSync, words: readonly string[], filter = "TRUE"): number[] {
  const query = words.map((word) => `"${word}"`).join(" OR ");
  return database
    .prepare(
      `SELECT rowid AS number FROM words
       WHERE words MATCH ? AND +rowid IN (SELECT number FROM chunks WHERE ${filter})
       ORDER BY bm25(words, 1.5, 1, 1), rowid LIMIT ${DEPTH}`,
    )
    .all(query)
    .map(({ number }) => Number(number));
}

function expectLikeFts5(database: DatabaseSync): void {
  const bm25 = createBm25(database);
  const passing = createPassing(database)({ topicIds: [1] });
  for (let bits = 1; bits < 2 ** WORDS.length; bits += 1) {
    const words = WORDS.filter((_, index) => (bits >> index) & 1);
    const terms = words.map((word) => `"${word}"`);
    expect(bm25(terms, DEPTH), words.join(" ")).toEqual(byFts5(database, words));
    expect(bm25(terms, DEPTH, passing), words.join(" ")).toEqual(byFts5(database, words, OF_TOPIC));
  }
}

it("ranks like FTS5", async () => {
  const { database } = await mixedStore();
  expectLikeFts5(database);
});

it("ranks like FTS5 after changes, also of another connection", async () => {
  const path = `${temporaryFolder()}/rag.db`;
  const [database, other] = [await openForTest({ path }), await openForTest({ path })];
  const documents = mixedDocuments(8);
  const [store, otherStore] = [createSqliteStore(database), createSqliteStore(other)];
  const bm25 = createBm25(database);
  for (let number = 0; number < 200; number += 1) await store.replace(...documents(number));
  expect(bm25(['"rare"'], DEPTH)).toEqual(byFts5(database, ["rare"]));
  for (let number = 0; number < 200; number += 3) await otherStore.replace(...documents(number));
  for (let number = 1; number < 200; number += 7) await store.remove(`${number}`);
  for (let number = 200; number < 230; number += 1) await store.replace(...documents(number));
  expect(bm25(['"rare"', '"half"'], DEPTH)).toEqual(byFts5(database, ["rare", "half"]));
  expectLikeFts5(database);
  database.exec("INSERT INTO words (words) VALUES ('optimize')");
  expectLikeFts5(database);
});

it.each(["runners running ran", "ZÜRICH cafés", "猫", "東京 猫", "don't re-run Node.js"])(
  "finds the same words of %j as FTS5",
  async (question) => {
    const { database, store } = await newStore();
    const texts = ["The runner runs", "They run a café in Zürich", "黒い猫", "東京の猫", "node js rerun", "x"];
    for (const text of texts) await store.replace(...documentOf(text, [text], { title: "" }));
    const terms = questionWordsOf(question);
    const rows = database
      .prepare("SELECT rowid AS number FROM words WHERE words MATCH ? ORDER BY bm25(words, 1.5, 1, 1), rowid")
      .all(terms.join(" OR "));
    const found = createBm25(database)(terms, DEPTH);
    expect(found).toEqual(rows.map(({ number }) => number));
    expect(found.length).toBeGreaterThan(0);
  },
);

it("leaves phrases to FTS5", async () => {
  const { database } = await mixedStore();
  const bm25 = createBm25(database);
  const passing = createPassing(database)({ topicIds: [1] });
  expect(bm25(['"half often"'], DEPTH)).toEqual(byFts5(database, ["half often"]));
  expect(bm25(['"half often"'], DEPTH, passing)).toEqual(byFts5(database, ["half often"], OF_TOPIC));
});

it("leaves an index of another format to FTS5", async () => {
  const { database, store } = await mixedStore();
  database.exec("INSERT INTO words (words, rank) VALUES ('secure-delete', 1)");
  for (let number = 0; number < 400; number += 3) await store.remove(`${number}`);
  expect(database.prepare("SELECT v FROM words_config WHERE k = 'version'").get()?.v).toBe(5);
  expect(createPostings(database, []).isReadable()).toBe(false);
  expectLikeFts5(database);
});

it("returns no chunks for words that no chunk has, and in an empty store", async () => {
  const { database } = await mixedStore();
  expect(createBm25(database)(['"zebra"', '"quagga"'], DEPTH)).toEqual([]);
  expect(createBm25(database)([], DEPTH)).toEqual([]);
  expect(createBm25((await newStore()).database)(['"zebra"'], DEPTH)).toEqual([]);
});
