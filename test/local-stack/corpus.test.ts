import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadSampleCorpus } from "../../local-stack/dev/corpus.ts";

const root = mkdtempSync(join(tmpdir(), "edge-rag-corpus-"));
afterAll(() => rmSync(root, { recursive: true }));

describe("the sample corpus", () => {
  it("contains the README and the pages for users, titled by their first headings", async () => {
    mkdirSync(join(root, "docs", "decisions"), { recursive: true });
    mkdirSync(join(root, "lib"));
    writeFileSync(join(root, "README.md"), "```sh\n# a comment\n```\n\nEdge RAG\n========\n\nIt answers.\n");
    writeFileSync(join(root, "docs", "PLAIN.md"), "No heading here.\n");
    writeFileSync(join(root, "docs", "empty.md"), "\n");
    writeFileSync(join(root, "docs", "CHANGELOG.md"), "# Changelog\n\nAdded.\n");
    writeFileSync(join(root, "docs", "picture.svg"), "<svg/>");
    writeFileSync(join(root, "docs", "decisions", "0001-sqlite.md"), "# 1. SQLite\n\nBecause.\n");
    writeFileSync(join(root, "lib", "NOTES.md"), "# Not this\n");
    const documents = await loadSampleCorpus(root);
    expect(documents.map(({ id, title }) => [id, title])).toEqual([
      ["README.md", "Edge RAG"],
      ["docs/PLAIN.md", "docs/PLAIN.md"],
    ]);
    expect(documents[1]?.text).toBe("No heading here.\n");
  });

  it("leaves out the output of commands in the README, which an answer would quote", async () => {
    writeFileSync(join(root, "README.md"), "# Edge RAG\n\nAsk:\n\n```sh\ncurl\n```\n\n```text\n{}\n```\n\nMore.\n");
    const [readme] = await loadSampleCorpus(root);
    expect(readme?.text).toBe("# Edge RAG\n\nAsk:\n\n```sh\ncurl\n```\n\n\nMore.\n");
  });

  it("returns an empty list when there is no documentation", async () => {
    expect(await loadSampleCorpus(join(root, "lib"))).toEqual([]);
  });
});
