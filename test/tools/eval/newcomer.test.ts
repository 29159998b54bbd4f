import { describe, expect, it } from "vitest";
import { loadDataset } from "./dataset.ts";
import { loadPages } from "./pages.ts";

const FOLDER = "test/fixtures/newcomer/tuning";
const load = () => loadDataset(FOLDER, () => loadPages(process.cwd(), FOLDER));

/** As facts are looked for in answers. */
const plain = (text: string) => text.toLowerCase().replace(/\s+/g, " ");

describe("a newcomer's questions", () => {
  it("are 60 with a fact that is on a page judged relevant, and 32 without an answer", async () => {
    const { documents, questions, unanswerable } = await load();
    const pages = new Map(documents.map(({ id, text }) => [id, plain(text)]));
    expect(questions.length).toBeGreaterThanOrEqual(60);
    expect(unanswerable.length).toBeGreaterThanOrEqual(32);
    const stale = questions.filter(({ relevant, answers }) => {
      const text = [...relevant.keys()].map((id) => pages.get(id) ?? "").join("\n");
      return !answers.some((answer) => text.includes(plain(answer)));
    });
    expect(stale.map(({ text }) => text)).toEqual([]);
  });
});
