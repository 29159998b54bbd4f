import { globSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { readMarkdown } from "#bulk/markdown.ts";
import type { NewDocument } from "#rag/ingest.ts";

/**
 * The project's own documentation as documents: README.md and docs/**\/*.md under `root`. The id is the path from
 * there with "/" between folders, the title the first heading.
 */
export async function loadSampleCorpus(root: string): Promise<NewDocument[]> {
  return globSync(["README.md", "docs/**/*.md"], { cwd: root })
    .sort()
    .map((path) => {
      const id = path.split(sep).join("/");
      return { id, title: id, ...readMarkdown(readFileSync(join(root, path), "utf8")) };
    })
    .filter(({ text }) => text.trim() !== "");
}
