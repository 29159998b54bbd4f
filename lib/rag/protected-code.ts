/** Where a fence may begin: after the start of a line, markers of quotes and list items, and any indentation. */
const FENCE = /^[ \t]*(?:(?:>|[-*+]|\d{1,9}[.)])[ \t]+)*(`{3,}(?=[^`\n]*$)|~{3,})/;
const CODE_SPAN = /(?<![\\`])(`{1,9})(?!`)(?:(?!\n[ \t]*\n)[\s\S]){1,1000}?(?<!`)\1(?!`)/g;
/** In characters for private use, which the texts of others lose. */
const PLACEHOLDER = /\uE000(\d+)\uE001/g;

export interface ProtectedCode {
  /** The text with a placeholder for each piece of code. */
  prose: string;
  /** Replaces one more piece of a text by a placeholder. */
  keep: (code: string) => string;
  /** A text of placeholders with the code that they stand for. */
  restore: (text: string) => string;
}

/** Takes the code out of a Markdown text, fenced and in spans, so that expressions for prose leave it alone. */
export function protectCode(markdown: string): ProtectedCode {
  const kept: string[] = [];
  const keep = (code: string) => `\uE000${kept.push(code) - 1}\uE001`;
  const once = (text: string) => text.replace(PLACEHOLDER, (_, index: string) => kept[Number(index)] ?? "");
  const unfenced = withoutFences(markdown.replace(/[\uE000\uE001]/g, ""), keep);
  // A span may have a fence within it.
  return { prose: unfenced.replace(CODE_SPAN, keep), keep, restore: (text) => once(once(text)) };
}

function withoutFences(text: string, keep: (code: string) => string): string {
  if (!/`{3}|~{3}/.test(text)) return text;
  const lines: string[] = [];
  let fenced: string[] = [];
  let fence = "";
  for (const line of text.split("\n")) {
    if (fence === "") {
      fence = FENCE.exec(line)?.[1] ?? "";
      (fence === "" ? lines : fenced).push(line);
      continue;
    }
    fenced.push(line);
    const mark = line.replace(/^[ \t>]+/, "").trimEnd();
    if (!mark.startsWith(fence) || mark.replaceAll(fence.charAt(0), "") !== "") continue;
    lines.push(keep(fenced.join("\n")));
    [fence, fenced] = ["", []];
  }
  // A fence that is not closed reaches to the end.
  if (fenced.length > 0) lines.push(keep(fenced.join("\n")));
  return lines.join("\n");
}
