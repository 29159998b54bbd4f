/** Code, where brackets are no citations, or one citation with the space before it: [1], [1, 2]. */
const CODE_OR_CITATION = /(```[\s\S]*?(?:```|$)|`[^`\n]*`)|(?<![ \t])([ \t]*)\[(\d+(?:\s*,\s*\d+)*)\]/g;

export interface CitedText {
  text: string;
  /** The sources that the text cites, each once, as they come. */
  cited: number[];
}

/**
 * A text without the citations that do not exist: of `[1]` and `[2, 3]`, those whose number is not in `known` are taken
 * out, and all else stays as it is. Brackets in Markdown's code are left alone.
 */
export function keepKnownCitations(text: string, known: Iterable<number>): CitedText {
  const names = new Set(Array.from(known, String));
  const cited = new Set<number>();
  let before: string;
  let after = text;
  do {
    before = after;
    cited.clear();
    // More than once: what stood around a removed citation may be one together, as in [[9]8].
    after = before.replace(CODE_OR_CITATION, (match, code: string | undefined, space: string, list: string) => {
      if (code !== undefined) return match;
      const numbers = list.split(",").map((number) => number.trim());
      const kept = numbers.filter((number) => names.has(number));
      for (const number of kept) cited.add(Number(number));
      if (kept.length === numbers.length) return match;
      return kept.length > 0 ? `${space}[${kept.join(", ")}]` : "";
    });
  } while (after !== before);
  return { text: after, cited: [...cited] };
}
