import type { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { createBm25 } from "#providers/sqlite/bm25.ts";
import { chunkFilter } from "#providers/sqlite/filter.ts";
import { seeded } from "../../tools/bench/statistics/random.ts";
import { documentOf, newStore } from "./_sqlite.ts";

const CHUNKS = 400;
const DEPTH = 10;
const WORDS = ["everywhere", "half", "often", "common", "rare", "rarer", "rarest"];
/** Percentage of chunks with each of the words. */
const SHARES = [90, 50, 30, 20, 8, 4, 2];

/** Chunks of various lengths with up to three occurrences of each word; every fifth has topic 1. */
async function mixedStore(): Promise<DatabaseSync> {
  const { database, store } = await newStore();
  const random = seeded(7);
  for (let number = 0; number < CHUNKS; number += 1) {
    const words = WORDS.flatMap((word, index) => {
      const has = random() * 100 < (SHARES[index] ?? 0);
      return has ? Array.from({ length: 1 + Math.floor(random() * 3) }, () => word) : [];
    });
    const filling = Array.from({ length: Math.floor(random() * 20) }, () => `filling${Math.floor(random() * 500)}`);
    await store.replace(...documentOf(`${number}`, [[...words, ...filling].join(" ")], { topicIds: [number % 5] }));
  }
  return database;
}

it("ranks like FTS5, whatever chunks it skips", async () => {
  const database = await mixedStore();
  const pruned = createBm25(database, 0);
  const plain = createBm25(database, Number.POSITIVE_INFINITY);
  for (let bits = 1; bits < 2 ** WORDS.length; bits += 1) {
    const terms = WORDS.filter((_, index) => (bits >> index) & 1).map((word) => `"${word}"`);
    for (const filter of [chunkFilter(), chunkFilter({ topicIds: [1] }), chunkFilter({ topicIds: [9] })]) {
      expect(pruned(terms, DEPTH, filter), terms.join(" ")).toEqual(plain(terms, DEPTH, filter));
    }
  }
});

it("does not score chunks that only have common words once there are enough others", async () => {
  const database = await mixedStore();
  const queries: string[] = [];
  const watched = new Proxy(database, {
    get: (target, key) => {
      if (key !== "prepare") return Reflect.get(target, key);
      return (sql: string) => {
        const statement = target.prepare(sql);
        const all = statement.all.bind(statement);
        return Object.assign(statement, {
          all: (query: string, ...rest: string[]) => {
            queries.push(query);
            return all(query, ...rest);
          },
        });
      };
    },
  });
  createBm25(watched, 0)(['"everywhere"', '"half"', '"rare"'], DEPTH, chunkFilter());
  expect(queries).toEqual(['("rare") AND ("half" OR "everywhere")', '("rare") NOT ("half" OR "everywhere")']);
});

it("returns no chunks for words that no chunk contains", async () => {
  const database = await mixedStore();
  expect(createBm25(database, 0)(['"zebra"', '"quagga"'], DEPTH, chunkFilter())).toEqual([]);
});
