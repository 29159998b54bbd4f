import { expect, it } from "vitest";
import { goalsOf, type Measured } from "./goals.ts";

const MB = 1e6;

/** A store whose queries take `ms` each and whose process grew by `megabytes`. */
function store(chunks: number, ms: number, megabytes = 100, system: Measured["system"] = "sqlite"): Measured {
  const time = { total: ms, search: ms, cpu: ms };
  const memory = { before: 100 * MB, peak: (100 + megabytes) * MB };
  return {
    system,
    ingested: { chunks, seconds: 1 },
    ingestMemory: memory,
    queries: Array.from({ length: 20 }, () => ({ all: time, filtered: time })),
    queryMemory: memory,
  };
}

const missed = (measured: Measured[]) =>
  goalsOf(measured)
    .filter(({ met }) => !met)
    .map(({ name }) => name);

it("meets all goals at twelve times the time and twice the vectors' memory", () => {
  const goals = goalsOf([store(1_000, 1), store(10_000, 5), store(100_000, 60, 409)]);
  expect(goals.map(({ met }) => met)).toEqual([true, true, true, true, true]);
});

it.each<[string, Measured[], RegExp[]]>([
  [
    "more than twelve times slower",
    [store(10_000, 4), store(100_000, 49)],
    [/over that at 10000/, /filtered.*over that/],
  ],
  ["slower than 60 ms", [store(10_000, 20), store(100_000, 61)], [/a query.*, ms/, /a filtered query.*, ms/]],
  ["larger than twice the vectors", [store(100_000, 1, 410)], [/^memory/]],
])("misses a goal when a store is %s", (_, measured, names) => {
  expect(missed(measured)).toEqual(names.map((name) => expect.stringMatching(name)));
});

it("has no goals for other systems, and no memory goal for a small store", () => {
  expect(missed([store(1_000, 1, 400), store(1_000, 900, 900, "qdrant")])).toEqual([]);
});
