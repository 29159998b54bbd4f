import type { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { createPassing } from "#providers/sqlite/filter.ts";
import { createNearest } from "#providers/sqlite/nearest.ts";
import { createSqliteStore } from "#providers/sqlite/store.ts";
import type { VectorStore } from "#rag/ports.ts";
import { gaussians, seeded, unitVectorNear } from "../../tools/bench/statistics/random.ts";
import { documentOf, openForTest } from "./_sqlite.ts";

const DIMENSIONS = 384;
/** As many hits as the pipeline asks for. */
const DEPTH = 50;

const gaussian = gaussians(seeded(5));
const randomVector = () => Float32Array.from({ length: DIMENSIONS }, gaussian);
const subjects = Array.from({ length: 20 }, randomVector);
/** Documents are around twenty subjects, and the chunks of a document, or a question about it, are closer to each other. */
const documentVectors = Array.from({ length: 600 }, (_, number) =>
  unitVectorNear(subjects[number % subjects.length] ?? randomVector(), gaussian).map(
    (value) => value * Math.sqrt(DIMENSIONS),
  ),
);
const vectorNear = (document: number) => unitVectorNear(documentVectors[document] ?? randomVector(), gaussian);

/** A store of documents of ten chunks; one document in five has topic 1. */
async function storeOf(documents: number): Promise<{ database: DatabaseSync; store: VectorStore }> {
  const database = await openForTest({ dimensions: DIMENSIONS });
  const store = createSqliteStore(database);
  for (let number = 0; number < documents; number += 1) await store.replace(...randomDocument(number));
  return { database, store };
}

function randomDocument(number: number): Parameters<VectorStore["replace"]> {
  const texts = Array.from({ length: 10 }, (_, position) => `chunk ${number} ${position}`);
  const [record, chunks] = documentOf(`document-${number}`, texts, { topicIds: [number % 5] });
  return [record, chunks.map((chunk) => ({ ...chunk, vector: vectorNear(number) }))];
}

const inOrder = (distances: Map<number, number>) => [...distances.keys()];

it("finds what a search of all vectors finds: 99 % of the ten nearest of 6,000, without and with a filter", async () => {
  const { database } = await storeOf(600);
  const quantised = createNearest(database, DIMENSIONS);
  const exact = createNearest(database, DIMENSIONS, Number.POSITIVE_INFINITY);
  for (const passing of [undefined, createPassing(database)({ topicIds: [1, 2, 3] })]) {
    let found = 0;
    for (let round = 0; round < 50; round += 1) {
      const query = vectorNear(5 * round + 1);
      const [first, second] = [exact, quantised].map(({ nearest }) => nearest(query, DEPTH, passing));
      const nearest = new Set(inOrder(first ?? new Map()).slice(0, 10));
      found += inOrder(second ?? new Map())
        .slice(0, 10)
        .filter((number) => nearest.has(number)).length;
      for (const [number, distance] of second ?? []) expect(first?.get(number) ?? distance).toBeCloseTo(distance, 12);
    }
    expect(found / 500).toBeGreaterThanOrEqual(0.99);
  }
});

it("is exact when no more chunks pass the filter than are candidates", async () => {
  const { database } = await storeOf(100);
  const [quantised, exact] = [0, 10_000].map((exactChunks) => createNearest(database, DIMENSIONS, exactChunks));
  const passing = createPassing(database)({ topicIds: [1] });
  for (let round = 0; round < 20; round += 1) {
    const query = vectorNear(round);
    expect([...(quantised?.nearest(query, DEPTH, passing) ?? [])]).toEqual([
      ...(exact?.nearest(query, DEPTH, passing) ?? []),
    ]);
  }
});

it.each([0, 10_000])("sees every change, by this connection or another, exact up to %i chunks", async (exactChunks) => {
  const { database, store } = await storeOf(30);
  const { nearest } = createNearest(database, DIMENSIONS, exactChunks);
  const [record, chunks] = randomDocument(3);
  const query = chunks[0]?.vector ?? new Float32Array(DIMENSIONS);
  const closest = () => [...nearest(query, 1)][0];
  expect(closest()?.[1]).toBeGreaterThan(0.1);
  await store.replace(record, chunks);
  expect(closest()?.[1]).toBeCloseTo(0, 6);
  const [stored] = closest() ?? [];
  expect(database.prepare("SELECT id FROM chunks WHERE number = ?").get(stored ?? -1)?.id).toBe(chunks[0]?.id);
  await store.remove(record.id);
  expect(closest()?.[1]).toBeGreaterThan(0.1);
});

it("finds nothing in an empty store, and rejects a vector of another length", async () => {
  const { database } = await storeOf(0);
  const { nearest } = createNearest(database, DIMENSIONS, 0);
  expect(nearest(vectorNear(1), DEPTH).size).toBe(0);
  expect(() => nearest(new Float32Array(3), DEPTH)).toThrow(/3 dimensions.*384/);
});
