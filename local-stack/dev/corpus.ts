import { globSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { readMarkdown } from "#bulk/readers/markdown.ts";
import type { NewDocument } from "#rag/ingest.ts";

/** Pages about how the project came to be what it is, not about using it: they would outrank those. */
const EXCLUDED = ["docs/BENCHMARKS.md", "docs/CHANGELOG.md"];

/** Output of commands in the README: the example of an answer would be quoted in the answer to its question. */
const OUTPUT = /^```text\n.*?^```\n/gms;

/** Loads the project's pages for users: README.md and docs/*.md under `root`, without {@link EXCLUDED}. */
export async function loadSampleCorpus(root: string): Promise<NewDocument[]> {
  const pages = await loadDocumentation(root, ["README.md", "docs/*.md"]);
  return pages.filter(({ id }) => !EXCLUDED.includes(id));
}

/**
 * Loads Markdown files under `root` as documents, those without text left out. The id is the path relative to `root` with
 * "/" as separator, the title is the first heading.
 */
export async function loadDocumentation(
  root: string,
  patterns: readonly string[] = ["README.md", "docs/**/*.md"],
): Promise<NewDocument[]> {
  return globSync(patterns, { cwd: root })
    .sort()
    .map((path) => {
      const id = path.split(sep).join("/");
      const text = readFileSync(join(root, path), "utf8");
      return { id, title: id, ...readMarkdown(id === "README.md" ? text.replaceAll(OUTPUT, "") : text) };
    })
    .filter(({ text }) => text.trim() !== "");
}
