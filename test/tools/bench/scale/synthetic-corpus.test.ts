import { expect, it } from "vitest";
import { syntheticDocuments, syntheticEmbedder, TOPICS } from "./synthetic-corpus.ts";

const REAL = [
  { id: "bees", title: "Bees", text: "Bees dance to tell where food is. A queen lays all of the eggs." },
  { id: "ants", text: "Ants follow scent from nest to food. Some ants farm fungi in the dark." },
];

function first(count: number) {
  return Array.from(syntheticDocuments(REAL).take(count));
}

it("generates the same documents each time, of real sentences, each with one topic", () => {
  const documents = first(2 * TOPICS);
  expect(documents).toEqual(first(2 * TOPICS));
  expect(new Set(documents.map(({ text }) => text)).size).toBe(2 * TOPICS);
  expect(documents.filter(({ topicIds }) => topicIds?.includes(3))).toHaveLength(2);
  expect(documents[0]?.text).toContain("Bees dance to tell where food is.");
  expect(documents[0]?.text.split("\n\n")).toHaveLength(10);
});

it("generates unit vectors, close to each other for texts with the same first line", async () => {
  const { vectors } = await syntheticEmbedder().embed(["Bees\nOne dances.", "Bees\nOne sleeps.", "Ants\nOne dances."]);
  const [one, same, other] = vectors.map((vector) => [...vector]);
  const dot = (a: number[] = [], b: number[] = []) => a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
  expect(dot(one, one)).toBeCloseTo(1);
  expect(dot(one, same)).toBeGreaterThan(0.35);
  expect(Math.abs(dot(one, other))).toBeLessThan(0.2);
});
