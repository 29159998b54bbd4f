import { describe, expect, it } from "vitest";
import { degradation, segmentsOf, stageName } from "#console/page/ask/answer/stages.ts";

const TIMINGS = { embedding: 3, vector_search: 2, rerank: 5, llm_generation: 20, total: 32 };

describe("segmentsOf", () => {
  it("adds up to the total, with the time that no stage took", () => {
    expect(segmentsOf(TIMINGS)).toEqual([
      { name: "Embedding", ms: 3 },
      { name: "Search", ms: 2 },
      { name: "Reranking", ms: 5 },
      { name: "Answer", ms: 20 },
      { name: "Other", ms: 2 },
    ]);
  });

  it("has the rewriting of a follow-up first, and nothing that took no time", () => {
    const segments = segmentsOf({ ...TIMINGS, query_rewrite: 2 });
    expect(segments.map(({ name }) => name)).toEqual(["Rewriting", "Embedding", "Search", "Reranking", "Answer"]);
  });
});

describe("degradation", () => {
  it("says of each stage that the API may skip what that means", () => {
    const meanings = ["cache", "query_rewrite", "embedding", "rerank"].map(degradation);
    expect(new Set(meanings).size).toBe(4);
    expect(meanings).not.toContain(degradation("new_stage"));
    expect(stageName("new_stage")).toBe("new_stage");
  });
});
