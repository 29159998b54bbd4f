import { describe, expect, it } from "vitest";
import { createScaled, meansOf } from "#providers/embedded/extractive/scale.ts";
import { miniLmEmbedder as minilm } from "#providers/embedded/minilm-embedder.ts";
import { citation } from "./_ask.ts";

/** MiniLM with all cosines moved up and squeezed together, as those of other models are. */
const squeezed = {
  model: "squeezed",
  async embed(texts: readonly string[]) {
    const { vectors, ...rest } = await minilm.embed(texts);
    const moved = vectors.map((vector) =>
      Float32Array.from([...vector.map((value) => value * Math.sqrt(0.3)), Math.sqrt(0.7)]),
    );
    return { ...rest, vectors: moved };
  },
};

async function similarities(model: Parameters<typeof createScaled>[0], ...values: number[]) {
  const scaled = await createScaled(model)(values.map((similarity) => citation({ similarity })));
  return scaled.map(({ similarity }) => similarity);
}

describe("similarities on the scale of all-MiniLM-L6-v2", () => {
  it("are its own, whose means are the ones that the scale is made of", async () => {
    const { related, unrelated } = await meansOf(minilm);
    expect(related).toBeCloseTo(0.595, 2);
    expect(unrelated).toBeCloseTo(0.019, 2);
    expect(await similarities(minilm, 0.5)).toEqual([0.5]);
  });

  it("are brought there from another model's scale", async () => {
    const [high, low] = await similarities(squeezed, 0.7 + 0.3 * 0.6, 0.7 + 0.3 * 0.1);
    expect(high).toBeCloseTo(0.6, 1);
    expect(low).toBeCloseTo(0.1, 1);
  });

  it("are taken away for a model that cannot tell what belongs together", async () => {
    const blind = {
      model: "blind",
      embed: async (texts: readonly string[]) => ({
        vectors: texts.map(() => Float32Array.of(1)),
        cacheHits: 0,
        tokens: 0,
      }),
    };
    expect(await similarities(blind, 0.9)).toEqual([undefined]);
  });

  it("stay as they are without an embedder", async () => {
    expect(await similarities(undefined, 0.9)).toEqual([0.9]);
  });
});
