import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLexicalReranker } from "#providers/lexical/reranker.ts";
import type { Hit } from "#rag/ports.ts";

const reranker = createLexicalReranker();

function hit(text: string, more: Partial<Hit> = {}): Hit {
  return { chunkId: text, documentId: text, title: "", heading: "", text, score: 0, ...more };
}

async function rank(question: string, hits: Hit[], limit = hits.length): Promise<string[]> {
  return (await reranker.rerank(question, hits, limit)).map(({ chunkId }) => chunkId);
}

describe("the lexical reranker", () => {
  it("ranks a text with the question's rare word above one with its common word", async () => {
    const [first] = await rank("zebra crossing", [
      hit("A crossing of roads."),
      hit("A crossing of lines."),
      hit("A zebra at night."),
    ]);
    expect(first).toBe("A zebra at night.");
  });

  it("ranks words in one sentence above words far apart", async () => {
    const together = "Lava flows downhill. Bread is baked slowly. Rain falls.";
    const apart = "Lava flows downhill. Bread is cheap. Rain baked it slowly.";
    expect(await rank("slowly baked bread", [hit(apart), hit(together)])).toEqual([together, apart]);
  });

  it("ranks words in the question's order above words in another order", async () => {
    const inOrder = "They saw a white house there.";
    const reversed = "They saw a house white there.";
    expect(await rank("white house", [hit(reversed), hit(inOrder)])).toEqual([inOrder, reversed]);
  });

  it("counts words in title and heading like those in the text", async () => {
    const hits = [hit("It opens at nine."), hit("It opens at ten.", { title: "Museum", heading: "Opening hours" })];
    expect(await rank("When does the museum open?", hits)).toEqual(["It opens at ten.", "It opens at nine."]);
  });

  it("ranks by cosine when no words match", async () => {
    const hits = [hit("a car", { similarity: 0.2 }), hit("an automobile", { similarity: 0.9 })];
    expect(await rank("vehicle", hits)).toEqual(["an automobile", "a car"]);
  });

  it.each([
    ["wide", [0.6, 0.3, 0]],
    ["narrow", [0.86, 0.8, 0.74]],
  ])("ranks meaning above a shared word for models with a %s range of cosines", async (_range, cosines) => {
    const texts = ["an automobile", "a motorcycle", "a vehicle of clay"];
    const hits = texts.map((text, place) => hit(text, { similarity: cosines[place] ?? 0 }));
    expect((await rank("vehicle", hits))[0]).toBe("an automobile");
  });

  it("scores the nearest hit by its cosine, so that an unrelated best hit scores low, and is not moved by chance", async () => {
    const score = async (similarities: number[]) =>
      (
        await reranker.rerank(
          "nothing of this",
          similarities.map((similarity) => hit("a", { similarity })),
          9,
        )
      ).map(({ score }) => score);
    const [unrelated = 1] = await score([0.1, 0]);
    const [related = 0] = await score([0.8, 0]);
    expect(related / unrelated).toBeCloseTo(8);
    const [first = 0, second = 0] = await score([0.8, 0.799]);
    expect(first - second).toBeLessThan(0.02);
    expect(await score([0.8])).toEqual([first]);
  });

  it("prefers the hit with the name that was asked for to one that is a little nearer", async () => {
    const asked = hit("The Tavira lighthouse keeps its lamp in the office.", { similarity: 0.7 });
    const nearer = hit("The Bodega lighthouse keeps its lamp in the cellar.", { similarity: 0.8 });
    const [first] = await rank("Where does the Tavira lighthouse keep its lamp?", [nearer, asked]);
    expect(first).toBe(asked.text);
  });

  it("keeps the search order among equal scores and returns at most `limit` hits", async () => {
    expect(await rank("nothing of this", [hit("b"), hit("a"), hit("c")], 2)).toEqual(["b", "a"]);
  });

  it("returns no hits for no hits", async () => {
    expect(await reranker.rerank("anything", [], 5)).toEqual([]);
  });

  it("scores 0 when nothing matches and close to 1 when everything does", async () => {
    const [all, none] = await reranker.rerank(
      "reflecting telescope",
      [hit("reflecting telescope ".repeat(50), { similarity: 1 }), hit("bread", { similarity: -0.2 })],
      2,
    );
    expect(all?.score).toBeGreaterThan(0.9);
    expect(none?.score).toBe(0);
  });

  it("returns scores in [0, 1], best first, for any question and texts", async () => {
    const text = fc.string({ unit: "grapheme", maxLength: 60 });
    const hits = fc.array(
      fc.record({ text, similarity: fc.option(fc.double({ min: -1, max: 1, noNaN: true }), { nil: 0 }) }),
    );
    await fc.assert(
      fc.asyncProperty(text, hits, async (question, some) => {
        const ranked = await reranker.rerank(
          question,
          some.map(({ text, similarity }) => hit(text, { similarity })),
          10,
        );
        const scores = ranked.map(({ score }) => score);
        for (const score of scores) expect(score >= 0 && score <= 1).toBe(true);
        expect(scores).toEqual(scores.toSorted((a, b) => b - a));
      }),
    );
  });

  it("ranks a text of 200,000 sentences: no list is spread into arguments", async () => {
    const long = hit(`lava\n\n${"- a\n".repeat(200_000)}`);
    expect(await rank("lava", [hit("bread"), long])).toEqual([long.text, "bread"]);
  });
});
