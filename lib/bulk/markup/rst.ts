import { rstInline } from "./rst-inline.ts";
import { rstTable } from "./rst-tables.ts";

const RULE = /^([!-/:-@[-`{-~])\1{2,}\s*$/;
const DIRECTIVE = /^\.\.\s+(?:\|([^|]+)\|\s+)?([\w:.+-]+?)::(?:\s+(.*))?$/;
const CODE = /^(?:code|code-block|sourcecode|parsed-literal|literalinclude|math|prompt|doctest|ipython)$/;
/** What is made by a program, or is not for readers. */
const NOT_SHOWN =
  /^(?:toctree|contents|index|highlight|include|raw|meta|image|currentmodule|module|py:module|py:currentmodule|default-domain|role|default-role|only-if|sectnum|tabularcolumns|autosummary|auto\w+)$/;
const ADMONITION =
  /^(?:note|warning|tip|important|caution|danger|error|hint|attention|seealso|versionadded|versionchanged|deprecated)$/;

/** reStructuredText as Markdown: headings, code, notes and tables, without directives, targets and comments. */
export function markdownOfRst(source: string): string {
  const levels: string[] = [];
  const substitutions = new Map<string, string>();
  for (const [, name = "", text = ""] of source.matchAll(/^\.\.\s+\|([^|]+)\|\s+replace::\s+(.*)$/gm)) {
    substitutions.set(name, text);
  }
  const inline = (line: string): string => rstInline(line, substitutions);

  function heading(mark: string, text: string): string {
    if (!levels.includes(mark)) levels.push(mark);
    return `${"#".repeat(Math.min(levels.indexOf(mark) + 1, 6))} ${inline(text.trim())}`;
  }

  function convert(lines: readonly string[]): string[] {
    const out: string[] = [];
    for (let at = 0; at < lines.length; ) {
      const line = lines[at] ?? "";
      const [next = "", after = ""] = [lines[at + 1], lines[at + 2]];
      const table = rstTable(lines, at);
      if (RULE.test(line) && next.trim() !== "" && after.trimEnd() === line.trimEnd()) {
        out.push(heading(`${line[0]}${line[0]}`, next), "");
        at += 3;
      } else if (isTitle(line, next)) {
        out.push(heading(next[0] ?? "", line), "");
        at += 2;
      } else if (table) {
        out.push(inline(table.text), "");
        at = table.next;
      } else if (/^__\s+\S/.test(line)) at += 1;
      else if (/^\.\.(?:\s|$)/.test(line)) {
        const body = indented(lines, at + 1);
        out.push(...explicit(line, body.lines));
        at = body.next;
      } else if (/::\s*$/.test(line) && /^(?:\s*)$/.test(next)) {
        const depth = /^\s*/.exec(line)?.[0].length ?? 0;
        const body = indented(lines, at + 1, depth);
        const lead = line.trim() === "::" ? [] : [inline(line.replace(/::\s*$/, ":"))];
        out.push(...lead, "", ...fenced(body.lines, ""));
        at = body.next;
      } else {
        const end = paragraphEnd(lines, at);
        out.push(...inline(lines.slice(at, end).join("\n")).split("\n"));
        at = end;
      }
    }
    return out;
  }

  /** What begins with two dots: a directive, a footnote, a target or a comment. */
  function explicit(line: string, body: readonly string[]): string[] {
    const note = /^\.\.\s+\[[^\]]+\]\s+(.*)$/.exec(line);
    if (note) return convert([note[1] ?? "", ...body]);
    const [, substitution, directive = "", argument = ""] = DIRECTIVE.exec(line) ?? [];
    const name = directive.toLowerCase();
    if (name === "" || substitution !== undefined || NOT_SHOWN.test(name)) return [];
    const content = body.slice(body.findIndex((text) => !/^:[\w-]+:/.test(text.trim())));
    const shown = body.every((text) => /^:[\w-]+:/.test(text.trim())) ? [] : content;
    if (CODE.test(name)) return fenced(shown, /^[\w+#-]+$/.test(argument) ? argument : "");
    if (ADMONITION.test(name)) {
      const label = `${name[0]?.toUpperCase()}${name.slice(1)}`.replace(
        /^Version(\w)/,
        (_, letter) => `Version ${letter}`,
      );
      return [`**${label}:** ${inline(argument)}`.trim(), ...convert(shown), ""];
    }
    const title =
      argument === "" || /^(?:figure|csv-table|list-table)$/.test(name) ? [] : [`**${inline(argument)}**`, ""];
    return [...title, ...convert(shown), ""];
  }

  return convert(source.split("\n"))
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

/** Links and roles go on over the lines of a paragraph. */
function paragraphEnd(lines: readonly string[], start: number): number {
  let end = start + 1;
  const isPlain = (line: string): boolean =>
    line.trim() !== "" && !/^\.\.\s|::\s*$|^[+=]/.test(line) && !RULE.test(line);
  if (!isPlain(lines[start] ?? "")) return end;
  while (isPlain(lines[end] ?? "") && !isTitle(lines[end] ?? "", lines[end + 1] ?? "")) end += 1;
  return end;
}

function isTitle(line: string, next: string): boolean {
  if (line.trim() === "" || /^\s/.test(line) || !RULE.test(next) || RULE.test(line)) return false;
  return next.trimEnd().length >= Math.min(line.trimEnd().length, 4);
}

/** The lines that belong to what stands above, without their indentation, and the first line after them. */
function indented(lines: readonly string[], start: number, depth = 0): { lines: string[]; next: number } {
  let next = start;
  const isWithin = (line: string): boolean => line.trim() === "" || (/^\s*/.exec(line)?.[0].length ?? 0) > depth;
  while (next < lines.length && isWithin(lines[next] ?? "")) next += 1;
  const body = lines.slice(start, next);
  const margins = body.filter((line) => line.trim() !== "").map((line) => /^\s*/.exec(line)?.[0].length ?? 0);
  const margin = margins.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY);
  const plain = body.map((line) => line.slice(Math.min(margin, line.length)));
  return { lines: plain, next };
}

function fenced(lines: readonly string[], language: string): string[] {
  const code = lines.join("\n").replace(/^(?:[ \t]*\n)+|\s+$/g, "");
  return code.trim() === "" ? [] : [`\`\`\`${language}`, code, "```", ""];
}
