/** A piece of text as PDF.js returns it; the transformation is [a, b, c, d, x, y] in points, with y upwards. */
export interface TextItem {
  str: string;
  transform: readonly number[];
  width: number;
  fontName: string;
}

/** Text on one baseline, without a gap that would be that of columns. Points; y grows downwards from the top of the page. */
export interface Line {
  text: string;
  left: number;
  right: number;
  y: number;
  /** Of the largest letters. */
  size: number;
  font: string;
  /** It is written in another direction than the page, such as along its edge. */
  isTurned: boolean;
  /** Of a row of a table: what stands beside each other. */
  cells?: string[];
}

/** Wider gaps, in letters' sizes, part columns; narrower ones that are no space part letters. */
const COLUMN_GAP = 1.8;
const WORD_GAP = 0.15;
/** Baselines of one line differ by less, in letters' sizes: an exponent's is raised. */
const SAME_LINE = 0.5;

/**
 * The lines of a page, in the order in which they are drawn.
 *
 * @param viewport PDF.js' transformation of points to the page as it is seen, at a scale of 1
 */
export function linesOf(items: readonly TextItem[], viewport: readonly number[]): Line[] {
  const lines: Line[] = [];
  let line: (Line & { fonts: Map<string, number> }) | undefined;
  let isSpaced = false;
  for (const item of items) {
    if (item.str.trim() === "") {
      isSpaced ||= item.str !== "";
      continue;
    }
    const next = placed(item, viewport);
    const gap = line ? next.left - line.right : 0;
    const size = Math.max(line?.size ?? 0, next.size);
    const continues =
      line?.isTurned === next.isTurned &&
      Math.abs(next.y - line.y) < SAME_LINE * size &&
      gap > -size &&
      gap < COLUMN_GAP * size;
    if (line && continues) {
      const needsSpace = (isSpaced || gap > WORD_GAP * size) && !/\s$/.test(line.text) && !/^\s/.test(next.text);
      line.text += needsSpace ? ` ${next.text}` : next.text;
      line.right = Math.max(line.right, next.right);
      if (next.size > line.size) [line.size, line.y] = [next.size, next.y];
    } else {
      line = { ...next, fonts: new Map() };
      lines.push(line);
    }
    line.fonts.set(next.font, (line.fonts.get(next.font) ?? 0) + next.text.length);
    line.font = mostOf(line.fonts);
    isSpaced = false;
  }
  return lines.map(({ text, left, right, y, size, font, isTurned }) => {
    return { text: text.replace(/\s+/g, " ").trim(), left, right, y, size, font, isTurned };
  });
}

function placed({ str, transform, width, fontName }: TextItem, viewport: readonly number[]): Line {
  const [a = 0, b = 0, c = 0, d = 0, x = 0, y = 0] = transform;
  const [va = 1, vb = 0, vc = 0, vd = -1, ve = 0, vf = 0] = viewport;
  const left = va * x + vc * y + ve;
  const [dx, dy] = [va * a + vc * b, vb * a + vd * b];
  return {
    // Ligatures, and letters that fonts have in several forms.
    text: str.normalize("NFKC"),
    left,
    right: left + width,
    y: vb * x + vd * y + vf,
    size: Math.hypot(c, d),
    font: fontName,
    isTurned: Math.abs(dy) > Math.abs(dx),
  };
}

/** The key with the greatest number; "" of an empty map. */
export function mostOf<Key>(counts: ReadonlyMap<Key, number>): Key | "" {
  let most: [Key | "", number] = ["", 0];
  for (const [key, count] of counts) if (count > most[1]) most = [key, count];
  return most[0];
}
