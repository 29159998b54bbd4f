import { describe, expect, it } from "vitest";
import { createExtractiveGenerator } from "#providers/embedded/extractive-generator.ts";
import type { Citation } from "#rag/ports.ts";
import { buildPrompt } from "#rag/prompt.ts";

const generator = createExtractiveGenerator();
const generate = (question: string, sources: Partial<Citation>[]) =>
  generator.generate(buildPrompt(question, sources.map(citation)));

function citation(parts: Partial<Citation>, position: number): Citation {
  return {
    index: position + 1,
    chunkId: `chunk ${position}`,
    documentId: `document ${position}`,
    title: "",
    heading: "",
    text: "",
    score: 0.9 - position / 10,
    similarity: 0.5,
    ...parts,
  };
}

const TELESCOPES =
  "A telescope gathers light. Isaac Newton built the first reflecting telescope in 1668. It is small. " +
  "Glass is made of sand. Ships sail on water.";

describe("the extractive generator", () => {
  it("answers with the sentence that contains the question's words, and cites its source", async () => {
    const { text, answered } = await generate("Who built the first reflecting telescope?", [{ text: TELESCOPES }]);
    expect(answered).toBe(true);
    expect(text).toContain("Isaac Newton built the first reflecting telescope in 1668. [1]");
    expect(text).not.toContain("Ships");
  });

  it("does not quote a sentence that contains the question itself", async () => {
    const text = `Visitors ask: "Who built the first reflecting telescope?" ${TELESCOPES}`;
    const answer = await generate("Who built the first reflecting telescope?", [{ text }]);
    expect(answer.text).toContain("Isaac Newton built");
    expect(answer.text).not.toContain("Visitors ask");
  });

  it("quotes at most three sentences, verbatim, in the order of the sources", async () => {
    const sentences = (name: string) => [1, 2, 3].map((n) => `The ${name} telescope number ${n} is big.`).join(" ");
    const sources = [{ text: sentences("red") }, { text: sentences("blue"), score: 0.9 }];
    const { text } = await generate("How big is the telescope?", sources);
    const quotes = [...text.matchAll(/(.*?) \[(\d)\] ?/g)];
    expect(quotes.length).toBeLessThanOrEqual(3);
    expect(quotes.map(([, , index]) => Number(index))).toEqual(quotes.map(([, , index]) => Number(index)).toSorted());
    for (const [, quote = "", index] of quotes) expect(sources[Number(index) - 1]?.text).toContain(quote);
  });

  it("prefers a sentence adjacent to one that contains the question's words", async () => {
    const text =
      "Cats sleep. Glass is sand. The comet was seen by Halley. It returned in 1758. Bread rises. Dogs bark.";
    const answer = await generate("When was the comet of Halley seen?", [{ text }]);
    expect(answer.text).toContain("It returned in 1758. [1]");
  });

  it("quotes a sentence of two overlapping chunks once", async () => {
    const text = "The telescope was built by Newton.";
    const answer = await generate("Who built the telescope?", [{ text }, { text: `${text} It was small.` }]);
    expect(answer.text.split(text)).toHaveLength(2);
  });

  it("also quotes what a sentence with a colon introduces", async () => {
    const text = "To run all the tests:\n\n```sh\nnpm ci\n```\n\nTests are fast. People run. Tests are fun.";
    const answer = await generate("How do I run all the tests?", [{ text }]);
    expect(answer.text).toContain("To run all the tests: [1] npm ci [1]");
  });

  it("quotes a command from a code block and never a heading alone", async () => {
    const text = "## Start the server\n\nStart the server with:\n\n```sh\nnpm run server\n```";
    const answer = await generate("How do I start the server?", [{ text }]);
    expect(answer.text).toBe("Start the server with: [1] npm run server [1]");
  });

  it.each([
    ["no citations", []],
    ["sources about something else", [{ text: "Bread rises by wild yeast.", similarity: 0.1 }]],
    ["sources without a quotable sentence", [{ text: "# Who built the first telescope?", similarity: 0.9 }]],
    ["sources with one of the question's many words", [{ text: "The first bread was flat.", similarity: 0.2 }]],
  ])("says that the documents do not answer when there are %s", async (_, sources) => {
    const { text, answered } = await generate("Who built the first reflecting telescope?", sources);
    expect(answered).toBe(false);
    expect(text).toMatch(/do not answer/);
    expect(text).not.toMatch(/\[\d+\]/);
  });

  it("uses words alone when the store returns no similarity", async () => {
    const { similarity: _, ...source } = citation({ text: TELESCOPES }, 0);
    const prompt = buildPrompt("Who built the first reflecting telescope?", [source]);
    expect((await generator.generate(prompt)).answered).toBe(true);
  });

  it("reports no tokens or cost, and a model name that says it is no language model", async () => {
    const generation = await generate("Who built the telescope?", [{ text: TELESCOPES }]);
    expect(generation).toMatchObject({ promptTokens: 0, completionTokens: 0, finishReason: "stop" });
    expect(generation).not.toHaveProperty("costUsd");
    expect(generation.model).toMatch(/no language model/);
  });
});
