import { describe, expect, it } from "vitest";
import { createLocalEmbedder, type Encoder } from "#providers/embedded/local-embedder.ts";

/** A token per character; a text's vector is its first token. */
const encoder: Encoder = {
  tokenise: (text) => [...text].map((character) => character.codePointAt(0) ?? 0),
  encode: async ([first = 0]) => Float32Array.of(first),
};
const identity = { provider: "test", model: "test", dimensions: 1 };

describe("an embedder in this process", () => {
  it("loads its model once, on first use, also for concurrent calls", async () => {
    let loads = 0;
    const embedder = createLocalEmbedder({
      ...identity,
      load: async () => {
        loads += 1;
        return encoder;
      },
    });
    expect(loads).toBe(0);
    await Promise.all([embedder.embed(["a"]), embedder.embed(["b"]), embedder.embed(["c"])]);
    expect(loads).toBe(1);
  });

  it("loads its model again with the next call when that failed", async () => {
    let loads = 0;
    const embedder = createLocalEmbedder({
      ...identity,
      load: async () => {
        loads += 1;
        if (loads === 1) throw new Error("disk is on fire");
        return encoder;
      },
    });
    await expect(embedder.embed(["a"])).rejects.toThrow("disk is on fire");
    await expect(embedder.embed(["a"])).resolves.toMatchObject({ vectors: [expect.any(Float32Array)] });
  });

  it("never runs two computations at once, and runs a question between the chunks of a document", async () => {
    let running = 0;
    const order: string[] = [];
    const embedder = createLocalEmbedder({
      ...identity,
      load: async () => ({
        ...encoder,
        async encode(tokens) {
          running += 1;
          expect(running).toBe(1);
          await new Promise((resolve) => setTimeout(resolve, 1));
          running -= 1;
          order.push(String.fromCodePoint(...tokens));
          return encoder.encode(tokens);
        },
      }),
    });
    const [{ vectors }] = await Promise.all([embedder.embed(["a", "b", "c"]), embedder.embed(["question"])]);
    expect(order).toEqual(["a", "question", "b", "c"]);
    expect(vectors).toEqual(["a", "b", "c"].map((text) => Float32Array.of(text.charCodeAt(0))));
  });

  it("returns no vectors for no texts, without loading its model", async () => {
    const embedder = createLocalEmbedder({ ...identity, load: () => Promise.reject(new Error("loaded")) });
    expect((await embedder.embed([])).vectors).toEqual([]);
  });
});
