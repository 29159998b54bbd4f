import { globSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { readMarkdown } from "#bulk/readers/markdown.ts";
import type { NewDocument } from "#rag/ingest.ts";

/** Excluded from the corpus: it summarizes what other pages explain, and would outrank them. */
const EXCLUDED = ["docs/CHANGELOG.md"];

/** Output of commands in the README: the example of an answer would be quoted in the answer to its question. */
const OUTPUT = /^```text\n.*?^```\n/gms;

/**
 * Loads the project's own documentation: README.md and docs/**\/*.md under `root`, without {@link EXCLUDED}. The id is
 * the path relative to `root` with "/" as separator, the title is the first heading.
 */
export async function loadSampleCorpus(root: string): Promise<NewDocument[]> {
  return globSync(["README.md", "docs/**/*.md"], { cwd: root })
    .sort()
    .map((path) => {
      const id = path.split(sep).join("/");
      const text = readFileSync(join(root, path), "utf8");
      return { id, title: id, ...readMarkdown(id === "README.md" ? text.replaceAll(OUTPUT, "") : text) };
    })
    .filter(({ id, text }) => text.trim() !== "" && !EXCLUDED.includes(id));
}
