import { describe, expect, it } from "vitest";
import { quotedRanges } from "#console/page/ask/sources/quoted-ranges.ts";
import { quotationsOf, statementsOf } from "#console/page/ask/sources/quotes.ts";

const PASSAGE = [
  "Degraded modes",
  "what is down\tthe query\tdegraded\t",
  "embedding cache\tembeds the question again\tcache\t",
  "reranker\tkeeps the order of the search\trerank\t",
  "A query returns within its time limit, with less where less is possible. A wrong answer is never presented as right.",
  "Set OTEL_ENABLED=false to turn telemetry off.",
].join("\n");

const marked = (quotes: string[], passage = PASSAGE) =>
  quotedRanges(passage, quotes).map(({ start, end }) => passage.slice(start, end));

describe("quotedRanges", () => {
  it("marks a sentence that is quoted word for word, whatever markup it has there", () => {
    expect(marked(["Set `OTEL_ENABLED=false` to turn **telemetry** off."])).toEqual([
      "Set OTEL_ENABLED=false to turn telemetry off.",
    ]);
  });

  it("marks sentences side by side as one", () => {
    const [, , , , sentences = ""] = PASSAGE.split("\n");
    expect(marked([sentences])).toEqual([sentences]);
  });

  it("marks the row that a quotation has as a sentence, and not the header that it names", () => {
    expect(marked(["reranker — the query: keeps the order of the search; `degraded`: `rerank`"])).toEqual([
      "reranker\tkeeps the order of the search\trerank",
    ]);
  });

  it("marks for a paraphrase the sentence that shares most words with it", () => {
    expect(marked(["Even within the time limit, an answer that is wrong is never presented as right"])).toEqual([
      "A wrong answer is never presented as right.",
    ]);
  });

  it("marks nothing for what the passage does not say", () => {
    expect(marked(["Bananas are yellow.", "the", "", "of the what is"])).toEqual([]);
  });

  it("reads a long passage and a long answer in bounded time", () => {
    const passage = "the answer is never presented as right here. ".repeat(2_000);
    expect(marked(["the answer is never presented as wrong here. ".repeat(200)], passage)).toHaveLength(1);
  });
});

describe("statementsOf", () => {
  it("gives what stands before a citation, after the one before", () => {
    const answer = "Intro. A is b [1]. C is d [2, 3].\n- E is f [1][2]\n- G\n\nH [1]";
    expect(statementsOf(answer, 1)).toEqual(["Intro. A is b ", "- E is f ", "H "]);
    expect(statementsOf(answer, 2)).toEqual([". C is d ", "- E is f "]);
    expect(statementsOf(answer, 4)).toEqual([]);
  });
});

describe("quotationsOf", () => {
  it("gives the whole passage without its path, with code after the citation", () => {
    const answer = "A › B\nFirst.\n- item\nLast: [1]\n    code\n\nC\nOther. [2]";
    expect(quotationsOf(answer, 1)).toEqual(["First.\n- item\nLast: \n    code"]);
    expect(quotationsOf(answer, 2)).toEqual(["Other. "]);
  });
});
