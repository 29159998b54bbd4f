import { describe, expect, it, onTestFinished } from "vitest";
import { createEmbeddedModels } from "#compose/embedded.ts";
import { withCachedVectors } from "./cached-vectors.ts";
import { loadDataset } from "./dataset.ts";
import { evaluate } from "./evaluate.ts";
import { localSystem } from "./local-system.ts";
import { loadPages } from "./pages.ts";

const FOLDER = "test/fixtures/golden";

describe("the golden questions about the documentation", () => {
  it.each([
    [FOLDER, 90],
    ["test/fixtures/golden-decisions", 7],
  ])(
    "of %s are at least %i, each with a gold answer word for word on a page judged relevant",
    async (folder, least) => {
      const { documents, questions } = await loadDataset(folder, () => loadPages(process.cwd(), folder));
      const pages = new Map(documents.map(({ id, text }) => [id, text.toLowerCase()]));
      expect(questions.length).toBeGreaterThanOrEqual(least);
      const stale = questions.filter(({ relevant, answers }) => {
        const text = [...relevant.keys()].map((id) => pages.get(id) ?? "").join("\n");
        return !answers.some((answer) => text.includes(answer.toLowerCase()));
      });
      expect(stale.map(({ text }) => text)).toEqual([]);
    },
  );

  it("have a relevant page ranked first for at least 95 % of them", { timeout: 300_000 }, async () => {
    const dataset = await loadDataset(FOLDER, () => loadPages(process.cwd(), FOLDER));
    const kept = await withCachedVectors(createEmbeddedModels().embedder);
    const system = await localSystem(kept.embedder);
    onTestFinished(() => {
      system.close();
      kept.close();
    });
    const { retrieval, bm25 } = await evaluate(system, dataset, 10, { begin: () => () => {} });
    expect(retrieval.first_right).toBeGreaterThanOrEqual(0.95);
    expect(retrieval["ndcg@10"]).toBeGreaterThan(bm25?.["ndcg@10"] ?? 1);
  });
});
