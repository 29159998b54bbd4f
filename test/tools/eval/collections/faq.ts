import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { debianPackage } from "./debian.ts";
import { MAX_LENGTH, type Pair } from "./pairs.ts";

/** The only ones in these pages. */
const ENTITIES: Readonly<Record<string, string>> = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&amp;": "&" };

/** Debian's FAQ in version 11.1: questions and their answers. */
export function faqIn(root: string): Pair[] {
  const files = debianPackage("debian-faq=11.1", root);
  return globSync("usr/share/doc/debian/FAQ/*.en.html", { cwd: files })
    .sort()
    .flatMap((file) => sectionsOf(basename(file, ".en.html"), readFileSync(join(files, file), "utf8")));
}

/** The sections of a chapter: the text of each without its title, which is the question if it ends as one. */
export function sectionsOf(chapter: string, html: string): Pair[] {
  const [, ...sections] = html.replace(/<div class="navfooter"[\s\S]*/, "").split('<div class="section">');
  return sections.map((section, index) => {
    const [, heading = "", body = ""] = /^([\s\S]*?<\/h\d>)([\s\S]*)$/.exec(section) ?? [];
    const title = textOf(heading)
      .replace(/^[\d.\s]+/, "")
      .replace(/\s+/g, " ");
    const text = textOf(body).slice(0, MAX_LENGTH);
    return { document: { id: `${chapter}-${index + 1}`, text }, ...(title.endsWith("?") && { question: title }) };
  });
}

function textOf(html: string): string {
  return html
    .replace(/<[^>]*>/g, "")
    .replace(/&\w+;/g, (entity) => ENTITIES[entity] ?? entity)
    .trim();
}
