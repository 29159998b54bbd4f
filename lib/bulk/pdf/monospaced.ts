import type { TextItem } from "./lines.ts";

/** Relative to the size of the letters: the widths of different texts vary less in a font of equal widths. */
const MAX_VARIATION = 0.02;
const MIN_TEXTS = 3;
/** Without these, digits and capitals of other fonts may be equally wide. */
const NARROW_OR_WIDE = /[iljtfmwMW.]/;

/** Finds the fonts in which all letters are equally wide, by their texts: few fonts say so themselves. */
export function createFontWidths(): { add(item: TextItem): void; isMonospaced(font: string): boolean } {
  const fonts = new Map<string, { least: number; most: number; texts: number }>();
  return {
    add({ str, transform, width, fontName }) {
      const size = Math.hypot(transform[2] ?? 0, transform[3] ?? 0);
      if (str.trim().length < 4 || !NARROW_OR_WIDE.test(str) || size === 0) return;
      const letter = width / (size * str.length);
      const { least = letter, most = letter, texts = 0 } = fonts.get(fontName) ?? {};
      fonts.set(fontName, { least: Math.min(least, letter), most: Math.max(most, letter), texts: texts + 1 });
    },
    isMonospaced(font) {
      const widths = fonts.get(font);
      return widths !== undefined && widths.texts >= MIN_TEXTS && widths.most - widths.least < MAX_VARIATION;
    },
  };
}
