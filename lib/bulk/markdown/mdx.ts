import { replaceElements } from "./html-elements.ts";

/** A statement of ESM at the beginning of a line, up to a blank line, as MDX has it. */
const STATEMENT =
  /^(?:import[ \t]+(?:["'][^"'\n]+["']|[^\n]*?(?:from\b|\{))|export[ \t]+(?:const|let|var|function|async|class|default|\{|\*))[^\n]*(?:\n(?![ \t]*\n)[^\n]*)*\n?/gm;
/** A string, the only expression that shows: `{" "}`, `{'text'}`. */
const STRING = /\{\s*(?:"([^"\n{}]*)"|'([^'\n{}]*)'|`([^`\n{}$]*)`)\s*\}/g;
const ATTRIBUTE = /([ \t\n][\w-]+=)\{/g;
const MAX_EXPRESSION_LENGTH = 1000;

/** MDX without what is code in it: imports, exports, comments and the expressions of attributes. */
export function withoutMdx(prose: string): string {
  return simpleAttributes(replaceElements(prose.replace(STATEMENT, ""), /\{\s*\/\*/g, /\*\/\s*\}/g, () => "")).replace(
    STRING,
    (_, double = "", single = "", template = "") => double + single + template,
  );
}

/** `onClick={() => x}` as `onClick=""`, and `title={"x"}` as `title="x"`: a `>` in an expression would end the tag. */
function simpleAttributes(text: string): string {
  const parts: string[] = [];
  let at = 0;
  for (const { index, 0: start, 1: name = "" } of text.matchAll(ATTRIBUTE)) {
    if (index < at) continue;
    const from = index + start.length;
    const end = endOfExpression(text, from);
    if (end === -1) continue;
    const [, string = ""] = /^\s*["'`]([^"'`<>]*)["'`]\s*$/.exec(text.slice(from, end)) ?? [];
    parts.push(text.slice(at, index), `${name}"${string}"`);
    at = end + 1;
  }
  return parts.join("") + text.slice(at);
}

/** Where the bracket is that closes the one before `from`; -1 when there is none nearby. */
function endOfExpression(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < Math.min(text.length, from + MAX_EXPRESSION_LENGTH); at += 1) {
    if (text[at] === "{") depth += 1;
    else if (text[at] === "}") depth -= 1;
    if (depth === 0) return at;
  }
  return -1;
}
