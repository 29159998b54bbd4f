/** GitHub's alerts: `> [!NOTE]`, and Obsidian's with a title. */
const ALERT = /^([ \t]*>[ \t]*)\[!([A-Za-z]+)\][+-]?[ \t]*(.*)$/gm;
/** The containers of Docusaurus, VitePress and Pandoc: `:::tip Title`, `:::note[Title]`, `::: {.callout}`. */
const CONTAINER =
  /^[ \t]*:{3,}[ \t]*(?:\{[^}\n]*\}|([A-Za-z][\w-]*))?[ \t]*(?:\[([^\]\n]*)\]|([^\n{]*))(?:\{[^}\n]*\})?[ \t]*$/gm;
/** The admonitions of MkDocs, those that fold, and its tabs: `!!! note "Title"`, `??? tip`, `=== "Tab"`. */
const ADMONITION = /^([ \t]*)(?:!!!|\?\?\?\+?)[ \t]+([A-Za-z][\w-]*)[^"\n]*(?:"([^"\n]*)")?[^\n]*$/gm;
const TAB = /^([ \t]*)===!?\+?[ \t]+"([^"\n]+)"[ \t]*$/gm;
/** Tags of templates, of Liquid and Hugo, lists of attributes, and places for a table of contents: not part of the text. */
const FURNITURE = [
  /\{%-?[ \t]*[\w-]+(?:(?!%\})[^\n]){0,500}%\}|\{\{[<%](?:(?![>%]\}\})[^\n]){0,500}[>%]\}\}/g,
  /^[ \t]*(?:\{:[^}\n]*\}|\[\[_?toc_?\]\]|\[toc\]|\$\{toc\}|\{\{\s*toc\s*\}\})[ \t]*$/gim,
];

/** Markdown's dialects in plain Markdown: boxes begin with their title in bold, and what is no text is left out. */
export function withoutDirectives(prose: string): string {
  const text = FURNITURE.reduce((rest, furniture) => rest.replace(furniture, ""), prose);
  return text
    .replace(
      ALERT,
      (_, quote: string, kind: string, title: string) => `${quote}**${title || named(kind)}**\n${quote.trimEnd()}`,
    )
    .replace(CONTAINER, (_, kind = "", bracketed = "", title = "") => boxOf(kind, bracketed || title))
    .replace(ADMONITION, (_, indent: string, kind: string, title?: string) => `${indent}**${title ?? named(kind)}**\n`)
    .replace(TAB, "$1**$2**\n");
}

function boxOf(kind: string, title: string): string {
  const shown = title.trim() || named(kind);
  return shown === "" ? "\n" : `\n**${shown.replaceAll("*", "")}**\n`;
}

function named(kind: string): string {
  return kind === "" ? "" : kind.charAt(0).toUpperCase() + kind.slice(1).toLowerCase();
}
