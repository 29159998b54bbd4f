import { markdownTable } from "#bulk/tables/markdown-table.ts";

const LITERAL = /^(?:-{4,}|\.{4,}|`{3,}.*)$/;
const BLOCK = /^(?:={4,}|\*{4,}|_{4,}|--|\+{4,})$/;
const ADMONITION = /^\[(NOTE|TIP|IMPORTANT|WARNING|CAUTION)[\],.%]/;

/** AsciiDoc as Markdown: headings, code, lists and tables, without attributes, comments, anchors and directives. */
export function markdownOfAdoc(source: string): string {
  const attributes = new Map<string, string>();
  const lines = source.split("\n");
  const out: string[] = [];
  let language = "";
  const until = (start: number, mark: string): number => {
    const end = lines.findIndex((line, index) => index > start && line.trimEnd() === mark);
    return end === -1 ? lines.length : end;
  };
  for (let at = 0; at < lines.length; at += 1) {
    const line = (lines[at] ?? "").trimEnd();
    const attribute = /^:(!?[\w-]+!?):(?:\s+(.*))?$/.exec(line);
    const title = /^(={1,6})\s+(\S.*)$/.exec(line);
    const item = /^\s*(\*{1,5}|\.{1,5}|-)\s+(\S.*)$/.exec(line);
    if (/^\/{4,}$/.test(line)) at = until(at, line);
    else if (/^\/\/(?!\/)/.test(line) || line === "+") continue;
    else if (attribute) attributes.set(attribute[1] ?? "", attribute[2] ?? "");
    else if (LITERAL.test(line)) {
      const end = until(at, line.startsWith("`") ? "```" : line);
      const code = lines.slice(at + 1, end).map((text) => text.replace(/\s*(?:\/\/|#)?\s*<(?:\d+|\.)>\s*$/, ""));
      out.push(`\`\`\`${language || line.replace(/^[`.-]+/, "")}`, ...code, "```");
      language = "";
      at = end;
    } else if (/^[|,;!]={3,}$/.test(line)) {
      const end = until(at, line);
      out.push(
        "",
        tableOf(lines.slice(at + 1, end), lines[at - 1] ?? "", (text) => inline(text, attributes)),
        "",
      );
      at = end;
    } else if (/^\[.*\]$/.test(line)) {
      language = /^\[(?:source|,)[^,\]]*,?\s*([\w+#-]+)/.exec(line)?.[1] ?? language;
      const label = ADMONITION.exec(line)?.[1];
      if (label) out.push(`**${label[0]}${label.slice(1).toLowerCase()}:**`);
    } else if (BLOCK.test(line) || /^(?:include|ifdef|ifndef|ifeval|endif|image|video|audio|toc)::/.test(line))
      continue;
    else if (/^<<<$|^'''$/.test(line)) out.push("");
    else if (title) out.push("", `${"#".repeat(title[1]?.length ?? 1)} ${inline(title[2] ?? "", attributes)}`, "");
    else if (/^\.[^\s.]/.test(line)) out.push(`**${inline(line.slice(1), attributes)}**`, "");
    else if (item) {
      const [, mark = "", text = ""] = item;
      const isOrdered = mark.startsWith(".");
      out.push(
        `${(isOrdered ? "   " : "  ").repeat(mark.length - 1)}${isOrdered ? "1." : "*"} ${inline(text, attributes)}`,
      );
    } else out.push(inline(line.replace(/^(\S.*?)(?::{2,4}|;;)(?:\s+|$)/, "**$1**: "), attributes));
  }
  return out
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

function inline(text: string, attributes: ReadonlyMap<string, string>): string {
  return text
    .replace(/\{([\w-]+)\}/g, (whole, name: string) => attributes.get(name) ?? whole)
    .replace(/(?:link:|xref:)?(https?:[^\s[\]]+)\[([^\]^,]*)[^\]]*\]/g, (_, url: string, shown: string) =>
      shown === "" ? url : `[${shown}](${url})`,
    )
    .replace(/(?:link|xref|mailto):([^\s[\]]+)\[([^\]]*)\]/g, (_, target: string, shown: string) => shown || target)
    .replace(/<<([^,>]+)(?:,\s*([^>]+))?>>/g, (_, id: string, shown?: string) => shown ?? id)
    .replace(/(?:kbd|btn|menu):(?:\w+)?\[([^\]]*)\]/g, "$1")
    .replace(/image:[^\s[]+\[[^\]]*\]/g, "")
    .replace(/footnote:(?:\w+)?\[([^\]]*)\]/g, " ($1)")
    .replace(/\[\[[\w:.-]+\]\]|\[#[\w-]+\](?=\s|$)|\(\(\(.*?\)\)\)|indexterm:\[[^\]]*\]/g, "")
    .replace(/\(\(([^()]+)\)\)/g, "$1")
    .replace(/\s\+$|\s<\d+>$/, "");
}

/** Rows of cells that begin with `|`, on one line or on several. */
function tableOf(lines: readonly string[], options: string, shown: (text: string) => string): string {
  const cellsOf = (line: string): string[] =>
    line
      .split(/(?:^|\s)(?:\d+(?:\.\d+)?[+*]|[.<^>]*[<^>])?[adehlmsv]?(?<!\\)\|/)
      .slice(1)
      .map((cell) => shown(cell.replaceAll("\\|", "|").trim()));
  const filled = lines.filter((line) => line.trim() !== "");
  const firstCells = cellsOf(filled[0] ?? "").length;
  const told = /cols\s*=\s*"([^"]*)"/.exec(options)?.[1];
  const repeat = /^(\d+)\*/.exec(told ?? "")?.[1];
  const width = Math.max(repeat ? Number(repeat) : told ? told.split(/[,;]/).length : firstCells, 1);
  const cells: string[] = [];
  for (const line of filled) {
    const found = cellsOf(line);
    if (found.length > 0) cells.push(...found);
    else cells.push(`${cells.pop() ?? ""} ${shown(line.trim())}`.trim());
  }
  const rows = Array.from({ length: Math.ceil(cells.length / width) }, (_, row) =>
    cells.slice(row * width, (row + 1) * width),
  );
  const hasNames = /header/.test(options) || firstCells === width;
  return hasNames ? markdownTable(rows[0] ?? [], rows.slice(1)) : markdownTable([], rows);
}
