import { describe, expect, it } from "vitest";
import { miniLmEmbedder } from "#providers/embedded/minilm-embedder.ts";

const cosine = (a: Float32Array = new Float32Array(), b: Float32Array = new Float32Array()) =>
  a.reduce((sum, value, index) => sum + value * (b[index] ?? Number.NaN), 0);

describe("all-MiniLM-L6-v2", () => {
  const embedder = miniLmEmbedder;
  const embed = async (...texts: string[]) => (await embedder.embed(texts)).vectors;

  it("returns one unit vector of 384 dimensions per text, in order, and no billed tokens", async () => {
    const { vectors, cacheHits, tokens } = await embedder.embed(["a cat", "a dog", "a cat"]);
    expect(vectors).toHaveLength(3);
    for (const vector of vectors) {
      expect(vector).toHaveLength(embedder.dimensions);
      expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    }
    expect(vectors[2]).toEqual(vectors[0]);
    expect(vectors[1]).not.toEqual(vectors[0]);
    expect({ cacheHits, tokens }).toEqual({ cacheHits: 0, tokens: 0 });
  });

  it("places a paraphrase closer than another topic", async () => {
    const [question, paraphrase, other] = await embed(
      "How old are you?",
      "What is your age?",
      "The train leaves from platform nine.",
    );
    expect(cosine(question, paraphrase)).toBeGreaterThan(cosine(question, other) + 0.5);
  });

  it.each([
    ["an empty text", ""],
    ["white space", " \n\t "],
    ["an emoji", "👩‍👩‍👧‍👦"],
    ["Chinese", "东京大学"],
    ["a lone surrogate", "\ud83d"],
    ["a control character", "\u0000"],
  ])("returns a valid vector for %s", async (_, text) => {
    const [vector] = await embed(text);
    expect(Math.hypot(...(vector ?? []))).toBeCloseTo(1, 5);
  });

  it("reads 256 tokens of a text, two of which mark its ends", async () => {
    const read = "cat ".repeat(254);
    const [whole, more, less] = await embed(read, `${read} parliament`, read.slice(8));
    expect(more).toEqual(whole);
    expect(less).not.toEqual(whole);
  });

  it("gives a text the same vector beside another as alone", async () => {
    const question = "How old are you?";
    const [alone] = await embed(question);
    const [beside] = await embed(question, "The train leaves from platform nine, which is on the other side.");
    expect(beside).toEqual(alone);
  });

  it("embeds a megabyte, with and without spaces, in the time of a paragraph", async () => {
    // About 0.3 s; all of it would take minutes, far more than the test may.
    const vectors = await embed("word ".repeat(200_000), "x".repeat(1_000_000));
    expect(vectors).toHaveLength(2);
  });
});
