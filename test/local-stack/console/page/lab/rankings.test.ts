import { expect, it } from "vitest";
import type { Candidate, LabResult } from "#console/contract.ts";
import { foldedFrom, piecesOf } from "#console/page/lab/marked-text.ts";
import { describeRanks, findPassages, ranksOf } from "#console/page/lab/rankings.ts";

function candidate(chunk_id: string, text = ""): Candidate {
  return {
    chunk_id,
    document_id: `docs/${chunk_id}.md`,
    title: `Title ${chunk_id}`,
    heading: "",
    text,
    score: 1,
    marks: [],
  };
}

const RESULT: LabResult = {
  question: "?",
  meaning: [candidate("a", "Bees dance."), candidate("b")],
  words: [candidate("c", "Bees sleep.")],
  fused: [candidate("b"), candidate("a", "Bees dance."), candidate("c", "Bees sleep.")],
  reranked: [candidate("c", "Bees sleep."), candidate("b"), candidate("a", "Bees dance.")],
  timings_ms: { embedding: 0, meaning: 0, words: 0, fused: 0, rerank: 0 },
  models: { embedder: "", reranker: "", store: "" },
  degraded: [],
};

it("says where a passage is in each list, and where it is not", () => {
  const ranks = ranksOf(RESULT);
  expect(describeRanks(ranks.get("b") ?? {})).toBe(
    "2 by meaning · not among the first 50 by words · 1 fused · 2 reranked",
  );
});

it.each([
  ["bees", ["c", "a"]],
  ["  DANCE bees ", ["a"]],
  ["docs/b", ["b"]],
  ["title", ["c", "b", "a"]],
  ["wasps", []],
  [" ", []],
])("finds the passages for %j, the best first", (text, expected) => {
  expect(findPassages(RESULT, text).map(({ chunk_id }) => chunk_id)).toEqual(expected);
});

it("cuts a text at its marks and loses nothing", () => {
  const pieces = piecesOf("one two three", [
    { start: 4, end: 7 },
    { start: 5, end: 6 },
    { start: 8, end: 99 },
  ]);
  expect(pieces).toEqual([
    { text: "one ", isMarked: false },
    { text: "two", isMarked: true },
    { text: " three", isMarked: false },
  ]);
});

it("folds a text so that its first mark can be seen, between two words", () => {
  const text = `${"word ".repeat(50)}bees`;
  expect(foldedFrom(text, [])).toBe(0);
  expect(foldedFrom(text, [{ start: 20 }])).toBe(0);
  expect(text.slice(foldedFrom(text, [{ start: 250 }]))).toMatch(/^(?:word ){7,8}bees$/);
  expect(foldedFrom("x".repeat(300), [{ start: 200 }])).toBe(200);
});
