import { describe, expect, it } from "vitest";
import type { Report } from "./evaluate.ts";
import { verdicts } from "./goals.ts";

const retrieval = { "ndcg@10": 0.6, "recall@10": 1, "mrr@10": 1, first_right: 0.95 };
const answers = { contain_gold: 0.89, good: 0.8, readable: 1, max_sentences: 1, mean_sentences: 1, refused: 0.04 };
const report = { retrieval, bm25: { ...retrieval, "ndcg@10": 0.5 }, answers } as Report;

describe("the verdict on a figure", () => {
  it("is met at the goal, and missed below it", () => {
    const [first, words] = verdicts("golden", report);
    expect(first).toMatch(/^golden +right page first +0\.950 +at least 0\.95 +met$/);
    expect(words).toMatch(/expected words +0\.890 +at least 0\.9 +missed$/);
  });

  it("is missed above a goal that is a maximum, and left out where a set does not have the figure", () => {
    const [good, refused, ...others] = verdicts("tuning", report);
    expect(good).toMatch(/ met$/);
    expect(refused).toMatch(/^tuning +answerable questions refused +0\.040 +at most 0\.03 +missed$/);
    expect(others).toEqual([]);
  });

  it("compares the pipeline with BM25 alone for collections", () => {
    expect(verdicts("npm-code", report)).toEqual([
      expect.stringMatching(/over BM25 alone +1\.200 +at least 1\.03 +met$/),
    ]);
  });

  it("is missed for a figure that is not a number", () => {
    const broken = { ...report, retrieval: { ...retrieval, first_right: Number.NaN } };
    expect(verdicts("golden", broken)[0]).toMatch(/NaN .* missed$/);
  });

  it("is not given on a set without goals", () => {
    expect(verdicts("tiny-beir", report)).toEqual([]);
  });
});
