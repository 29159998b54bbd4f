import { expect, test } from "vitest";
import { createSqliteCache } from "#providers/sqlite/cache.ts";
import { openForTest, temporaryFolder } from "./_sqlite.ts";

const vector = (...values: number[]) => Float32Array.from(values);

test("returns stored vectors in the order of the keys, and undefined for unknown keys", async () => {
  const cache = createSqliteCache(await openForTest());
  await cache.setMany([
    ["a", vector(1, 2)],
    ["b", vector(0.1, -3)],
  ]);
  expect(await cache.getMany(["b", "x", "a", "b"])).toEqual([
    vector(0.1, -3),
    undefined,
    vector(1, 2),
    vector(0.1, -3),
  ]);
  expect(await cache.getMany([])).toEqual([]);
  await cache.setMany([]);
});

test("stores only the given part of a larger buffer", async () => {
  const cache = createSqliteCache(await openForTest());
  await cache.setMany([["a", vector(1, 2, 3, 4).subarray(1, 3)]]);
  expect(await cache.getMany(["a"])).toEqual([vector(2, 3)]);
});

test("replaces the vector of a known key without evicting others", async () => {
  const cache = createSqliteCache(await openForTest(), 2);
  await cache.setMany([
    ["a", vector(1)],
    ["b", vector(2)],
  ]);
  for (let n = 0; n < 5; n++) await cache.setMany([["a", vector(n)]]);
  expect(await cache.getMany(["a", "b"])).toEqual([vector(4), vector(2)]);
});

test("never holds more entries than its limit, and evicts the oldest first", async () => {
  const database = await openForTest();
  const cache = createSqliteCache(database, 3);
  for (let n = 0; n < 10; n++) await cache.setMany([[`${n}`, vector(n)]]);
  expect(await cache.getMany(["6", "7", "8", "9"])).toEqual([undefined, vector(7), vector(8), vector(9)]);
  await cache.setMany(Array.from({ length: 50 }, (_, n) => [`many-${n}`, vector(n)]));
  expect(database.prepare("SELECT count(*) AS n FROM embeddings").get()?.n).toBe(3);
});

test("keeps its entries when the file is opened again", async () => {
  const path = `${temporaryFolder()}/rag.db`;
  const first = await openForTest({ path });
  await createSqliteCache(first).setMany([["a", vector(1, 2)]]);
  first.close();
  expect(await createSqliteCache(await openForTest({ path })).getMany(["a"])).toEqual([vector(1, 2)]);
});

test("shares its entries between connections", async () => {
  const path = `${temporaryFolder()}/rag.db`;
  const [first, second] = [
    createSqliteCache(await openForTest({ path })),
    createSqliteCache(await openForTest({ path })),
  ];
  await first.setMany([["a", vector(1)]]);
  await second.setMany([["b", vector(2)]]);
  expect(await first.getMany(["a", "b"])).toEqual(await second.getMany(["a", "b"]));
});
