import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { loadSampleCorpus } from "../../../local-stack/dev/corpus.ts";
import { loadDataset } from "./dataset.ts";

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

  it("have a relevant page ranked first for at least 90 % of them", { timeout: 120_000 }, async () => {
    const main = join(import.meta.dirname, "main.ts");
    const { stdout } = await promisify(execFile)(process.execPath, [main, "--dataset", FOLDER, "--json"]);
    const { retrieval, bm25 } = JSON.parse(stdout);
    expect(retrieval.first_right).toBeGreaterThanOrEqual(0.9);
    expect(retrieval["ndcg@10"]).toBeGreaterThan(bm25["ndcg@10"]);
  });
});
