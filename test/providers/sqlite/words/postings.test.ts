import type { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { createPostings } from "#providers/sqlite/words/postings.ts";
import { seeded } from "../../../tools/bench/statistics/random.ts";
import { documentOf, newStore } from "../_sqlite.ts";

const WEIGHTS = [1.5, 1, 1];

/** Expects that lists and lengths are what FTS5 says of every term and every chunk. */
function expectAsFts5(database: DatabaseSync): void {
  database.exec("CREATE VIRTUAL TABLE IF NOT EXISTS temp.found USING fts5vocab (main, words, instance)");
  const expected = new Map<string, Map<number, number>>();
  const lengths = new Map<number, number>();
  for (const { term, doc, col } of database.prepare("SELECT term, doc, col FROM temp.found").iterate()) {
    const frequencies = expected.get(String(term)) ?? new Map<number, number>();
    expected.set(String(term), frequencies);
    frequencies.set(Number(doc), (frequencies.get(Number(doc)) ?? 0) + (col === "title" ? 1.5 : 1));
    lengths.set(Number(doc), (lengths.get(Number(doc)) ?? 0) + 1);
  }
  const postings = createPostings(database, WEIGHTS);
  const found = postings.lengths();
  expect(new Map(found.numbers.map((number, index) => [number, found.lengths[index]]))).toEqual(lengths);
  const end = (found.numbers.at(-1) ?? 0) + 1;
  expect(expected.size).toBeGreaterThan(0);
  for (const [term, wanted] of expected) {
    const { numbers, frequencies } = postings.of(term, end);
    expect(new Map(Array.from(numbers, (number, index) => [number, frequencies[index]])), term).toEqual(wanted);
    expect(numbers).toHaveLength(wanted.size);
    expect(postings.of(`${term}x`, end).numbers).toHaveLength(expected.get(`${term}x`)?.size ?? 0);
  }
  const terms = lengths.values().reduce((sum, length) => sum + length, 0);
  expect(postings.totals()).toEqual({ chunks: lengths.size, terms });
}

it("reads the lists of a chunk that fills many pages, in all columns", async () => {
  const { database, store } = await newStore();
  for (const [index, times] of [700, 20_000, 1, 9_000, 0, 400].entries()) {
    const text = Array.from({ length: times }, (_, at) => (at % 200 === 0 ? "zebra half" : "half")).join(" ");
    const heading = "half of it ".repeat(index * 300);
    await store.replace(...documentOf(`long${index}`, [`${text} okapi`, "half"], { heading, title: "half zebra" }));
  }
  expectAsFts5(database);
  database.exec("INSERT INTO words (words) VALUES ('optimize')");
  expectAsFts5(database);
});

it("reads the lists of chunks that were added, replaced and removed, in segments that are merged in part", async () => {
  const { database, store } = await newStore();
  const random = seeded(3);
  database.exec("INSERT INTO words (words, rank) VALUES ('pgsz', 64)");
  const text = () => Array.from({ length: 1 + random() * 60 }, () => `w${Math.floor(random() ** 3 * 400)}`).join(" ");
  for (let change = 0; change < 500; change += 1) {
    const id = `document${Math.floor(random() * 120)}`;
    if (random() < 0.2) await store.remove(id);
    else await store.replace(...documentOf(id, [text(), text()], { title: text(), version: `${change}` }));
    if (change % 100 === 50) database.exec("INSERT INTO words (words, rank) VALUES ('merge', 20)");
    if (change % 100 === 99) expectAsFts5(database);
  }
});
