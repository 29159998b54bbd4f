import { globSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { readMarkdown } from "#bulk/readers/markdown.ts";
import type { NewDocument } from "#rag/ingest.ts";

/** Not for questions: it repeats in short what other pages explain, and would take the first place from them. */
const EXCLUDED = ["docs/CHANGELOG.md"];

/** What commands print, in the README: an example of an answer would be quoted in the answer to its question. */
const OUTPUT = /^```text\n.*?^```\n/gms;

/**
 * The project's own documentation as documents: README.md and docs/**\/*.md under `root`, without {@link EXCLUDED}. The
 * id is the path from there with "/" between folders, the title the first heading.
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
