type Letters = Readonly<Record<string, string>>;

const SUPERSCRIPTS: Letters = {
  ...{ "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷", "8": "⁸", "9": "⁹" },
  ...{ "-": "⁻", "+": "⁺", n: "ⁿ" },
};
const SUBSCRIPTS: Letters = {
  "0": "₀",
  "1": "₁",
  "2": "₂",
  "3": "₃",
  "4": "₄",
  "5": "₅",
  "6": "₆",
  "7": "₇",
  "8": "₈",
  "9": "₉",
};
/** Raised, but neither an exponent nor an index. */
const ORDINAL_OR_MARK = /^(?:st|nd|rd|th|e|er|re|a|o|tm|®|™|\[.*\])$/i;

/**
 * Replaces elements, or whatever begins with one expression and ends with another (both global), by what `replace` makes of
 * their content. What is not closed stays. Linear: after the last end none is looked for again.
 */
export function replaceElements(
  text: string,
  open: RegExp,
  close: RegExp,
  replace: (content: string) => string,
): string {
  const parts: string[] = [];
  let at = 0;
  for (let start = open.exec(text); start; start = open.exec(text)) {
    close.lastIndex = open.lastIndex;
    const end = close.exec(text);
    if (!end) break;
    parts.push(text.slice(at, start.index), replace(text.slice(open.lastIndex, end.index)));
    at = close.lastIndex;
    open.lastIndex = at;
  }
  return parts.join("") + text.slice(at);
}

/** The rows of a table of HTML as one of Markdown; without a row of header cells, only its rows. */
export function tableOf(rows: string, onOneLine: (cell: string) => string): string {
  const lines: string[] = [];
  for (const row of rows.split(/<tr(?:\s[^<>]*)?>/i)) {
    const [, ...cells] = row.split(/<t[hd](?:\s[^<>]*)?>/i);
    const texts = cells.map((cell) => onOneLine(cell).replace(/(?<!\\)\|/g, "\\|"));
    if (!texts.some(Boolean)) continue;
    lines.push(`| ${texts.join(" | ")} |`);
    const isHeader = lines.length === 1 && /<th[\s>]/i.test(row) && !/<td[\s>]/i.test(row);
    if (isHeader) lines.push(`|${" --- |".repeat(texts.length)}`);
  }
  return lines.join("\n");
}

/** An image by the attributes of its tag; nothing when it says nothing. */
export function imageOf(attributes: string): string {
  const [, double, single] = /\balt\s*=\s*(?:"([^"[\]]*)"|'([^'[\]]*)')/i.exec(attributes) ?? [];
  const [, source = ""] = /\bsrc\s*=\s*["']?([^"'\s()]+)/i.exec(attributes) ?? [];
  const alt = (double ?? single ?? "").replace(/\s+/g, " ").trim();
  return alt === "" ? "" : `![${alt}](${source.startsWith("data:") ? "" : source})`;
}

/** What `<sup>` and `<sub>` raise and lower: 10⁶ and H₂O where Unicode has the letters, otherwise x^(a/b). */
export function scriptOf(kind: string, script: string): string {
  const letters = kind === "sup" ? SUPERSCRIPTS : SUBSCRIPTS;
  const text = script.trim().replace("−", "-");
  const small = Array.from(text, (character) => letters[character]);
  if (small.every((letter) => letter !== undefined)) return small.join("");
  if (ORDINAL_OR_MARK.test(text)) return text;
  return `${kind === "sup" ? "^" : "_"}${/^[\p{L}\p{N}]$/u.test(text) ? text : `(${text})`}`;
}
