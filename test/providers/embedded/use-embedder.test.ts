import { describe, expect, it } from "vitest";
import { createUseEmbedder, type SentenceEncoder } from "#providers/embedded/use-embedder.ts";

const cosine = (a: Float32Array = new Float32Array(), b: Float32Array = new Float32Array()) =>
  a.reduce((sum, value, index) => sum + value * (b[index] ?? Number.NaN), 0);

describe("the sentence encoder", () => {
  const embedder = createUseEmbedder();
  const embed = async (...texts: string[]) => (await embedder.embed(texts)).vectors;

  it("returns one unit vector of 512 dimensions per text, in order, and no billed tokens", async () => {
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
    expect(cosine(question, paraphrase)).toBeGreaterThan(cosine(question, other) + 0.3);
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

  it("also embeds text after the model's limit of 128 tokens", async () => {
    const start = "The weather was fine on most days of that year, they said. ".repeat(9);
    const [a, b] = await embed(`${start} A cat sat on the mat.`, `${start} The parliament passed the budget.`);
    expect(cosine(a, b)).toBeLessThan(0.999);
  });

  it("returns no vectors for no texts", async () => {
    expect(await embed()).toEqual([]);
  });
});

describe("loading the sentence encoder", () => {
  const encoder: SentenceEncoder = { embed: async (texts) => texts.map(({ length }) => [length, 0]) };

  it("happens once, on first use, also for concurrent calls", async () => {
    let loads = 0;
    const embedder = createUseEmbedder(async () => {
      loads += 1;
      return encoder;
    });
    expect(loads).toBe(0);
    await Promise.all([embedder.embed(["a"]), embedder.embed(["b"]), embedder.embed(["c"])]);
    expect(loads).toBe(1);
  });

  it("is retried by the next call after a failure", async () => {
    let loads = 0;
    const embedder = createUseEmbedder(async () => {
      loads += 1;
      if (loads === 1) throw new Error("disk is on fire");
      return encoder;
    });
    await expect(embedder.embed(["a"])).rejects.toThrow("disk is on fire");
    await expect(embedder.embed(["a"])).resolves.toMatchObject({ vectors: [expect.any(Float32Array)] });
  });

  it("never runs two computations at once, and runs a question between the windows of a document", async () => {
    let running = 0;
    const order: string[] = [];
    const embedder = createUseEmbedder(async () => ({
      async embed([text = ""]) {
        running += 1;
        expect(running).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, 1));
        running -= 1;
        order.push(text.slice(0, 1));
        return [[1]];
      },
    }));
    await Promise.all([embedder.embed(["document ".repeat(200)]), embedder.embed(["question"])]);
    expect(order.indexOf("q")).toBe(1);
    expect(order).toHaveLength(5);
  });

  it("is given four short windows of a megabyte, with and without spaces", async () => {
    const windows: number[] = [];
    const embedder = createUseEmbedder(async () => ({
      async embed([text = ""]) {
        windows.push(text.length);
        return [[1]];
      },
    }));
    await embedder.embed(["word ".repeat(200_000), "x".repeat(1_000_000)]);
    expect(windows).toHaveLength(2 * 4);
    expect(Math.max(...windows)).toBeLessThanOrEqual(480);
  });

  it("fails when the model returns no vector", async () => {
    const embedder = createUseEmbedder(async () => ({ embed: async () => [] }));
    await expect(embedder.embed(["a"])).rejects.toThrow("no vector");
  });
});
