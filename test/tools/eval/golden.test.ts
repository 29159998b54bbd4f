import { describe, expect, it, onTestFinished } from "vitest";
import { createEmbeddedModels } from "#compose/embedded.ts";
import { loadSampleCorpus } from "../../../local-stack/dev/corpus.ts";
import { loadDataset } from "./dataset.ts";
import { evaluate } from "./evaluate.ts";
import { withKeptVectors } from "./kept-vectors.ts";
import { localSystem } from "./local-system.ts";

const FOLDER = "test/fixtures/golden";

describe("the golden questions about the documentation", () => {
  it("are at least 40, each with a gold answer word for word on a page judged relevant", async () => {
    const { documents, questions } = await loadDataset(FOLDER, () => loadSampleCorpus(process.cwd()));
    const pages = new Map(documents.map(({ id, text }) => [id, text.toLowerCase()]));
    expect(questions.length).toBeGreaterThanOrEqual(40);
    const stale = questions.filter(({ relevant, answers }) => {
      const text = [...relevant.keys()].map((id) => pages.get(id) ?? "").join("\n");
      return !answers.some((answer) => text.includes(answer.toLowerCase()));
    });
    expect(stale.map(({ text }) => text)).toEqual([]);
  });

  it("have a relevant page ranked first for at least 90 % of them", { timeout: 300_000 }, async () => {
    const dataset = await loadDataset(FOLDER, () => loadSampleCorpus(process.cwd()));
    const kept = await withKeptVectors(createEmbeddedModels().embedder);
    const system = await localSystem(kept.embedder);
    onTestFinished(() => {
      system.close();
      kept.close();
    });
    const { retrieval, bm25 } = await evaluate(system, dataset, 10, { begin: () => () => {} });
    expect(retrieval.first_right).toBeGreaterThanOrEqual(0.9);
    expect(retrieval["ndcg@10"]).toBeGreaterThan(bm25?.["ndcg@10"] ?? 1);
  });
});
