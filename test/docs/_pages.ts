import { globSync, readFileSync } from "node:fs";

export interface Page {
  /** From the root of the project. */
  path: string;
  text: string;
  /** The text without fenced blocks. */
  prose: string;
}

export interface Block {
  /** "README.md:25". */
  where: string;
  language: string;
  /** Without the indentation of its fence. */
  text: string;
}

/** README.md and everything in docs. */
export function pages(): Page[] {
  return globSync(["README.md", "docs/**/*.md"])
    .sort()
    .map((path) => {
      const text = readFileSync(path, "utf8");
      return { path, text, prose: text.replaceAll(FENCED, "") };
    });
}

/** A fence may be indented, in a list. */
const FENCED = /^( *)```(\w*)\n(.*?)^ *```$/gms;

/** The fenced blocks of a page. */
export function blocksOf({ path, text }: Page): Block[] {
  return [...text.matchAll(FENCED)].map(({ index, 1: indent = "", 2: language = "", 3: body = "" }) => ({
    where: `${path}:${text.slice(0, index).split("\n").length}`,
    language,
    text: body
      .split("\n")
      .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
      .join("\n")
      .trimEnd(),
  }));
}

/** Blocks of shell commands. */
export function shellBlocks(): Block[] {
  return pages()
    .flatMap(blocksOf)
    .filter(({ language }) => /^(?:sh|bash|shell|console|zsh)$/.test(language));
}

/** Every `code` in the prose. */
export function codeSpans({ prose }: Page): string[] {
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code);
}

/** The anchors of the headings of a page, derived as GitHub does. */
export function anchorsOf({ prose }: Page): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of prose.matchAll(/^#{1,6} +(.+?) *$/gm)) {
    const anchor = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{M}\s_-]/gu, "")
      .replaceAll(" ", "-");
    let name = anchor;
    for (let again = 1; anchors.has(name); again++) name = `${anchor}-${again}`;
    anchors.add(name);
  }
  return anchors;
}
