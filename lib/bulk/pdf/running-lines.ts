import type { Line } from "./lines.ts";

/** Lines at the top and at the bottom of a page that may be a header or a footer. */
const EDGE_LINES = 3;
/** Pages on which a line has to repeat, and their share of all; those of left and right pages differ. */
const MIN_PAGES = 3;
const MIN_SHARE = 0.3;
const NUMBER_ONLY =
  /^[-–—\s]*(?:(?:page|seite|página|p\.)\s*)?(?:\d{1,4}|[ivxlc]{1,7})(?:\s*(?:\/|of|von|de)\s*\d{1,4})?[-–—\s]*$/i;

/** Dots between a heading and the number of its page. */
const LEADER = /(?:\s*[.…·]){5,}\s*(\d{1,4}|[ivxlc]{1,7})$/i;

/**
 * The lines that are no entry of a table of contents or an index, if there are several. Dots before other numbers, as in a
 * list of prices, become "…".
 */
export function withoutContents(pages: readonly (readonly Line[])[]): { pages: Line[][]; removed: Line[] } {
  const isEntry = ({ text }: Line) => {
    const [, number] = LEADER.exec(text) ?? [];
    return number !== undefined && !(Number(number) > pages.length);
  };
  const entries = pages.flatMap((lines) => lines.filter(isEntry));
  const removed = new Set(entries.length >= MIN_PAGES ? entries : []);
  const kept = pages.map((lines) =>
    lines
      .filter((line) => !removed.has(line))
      .map((line) => (LEADER.test(line.text) ? { ...line, text: line.text.replace(LEADER, " … $1") } : line)),
  );
  return { pages: kept, removed: [...removed] };
}

/** Parts the pages from the headers, footers and page numbers that repeat on them. */
export function withoutRunningLines(pages: readonly (readonly Line[])[]): { pages: Line[][]; removed: Line[] } {
  const seen = new Map<string, Set<number>>();
  const edges = pages.map(edgesOf);
  for (const [page, lines] of edges.entries()) {
    for (const line of lines) {
      const key = keyOf(line);
      seen.set(key, (seen.get(key) ?? new Set()).add(page));
    }
  }
  const least = Math.max(MIN_PAGES, MIN_SHARE * pages.length);
  const removed: Line[] = [];
  const kept = pages.map((lines, page) =>
    lines.filter((line) => {
      const isRunning = edges[page]?.has(line) && (seen.get(keyOf(line))?.size ?? 0) >= least;
      if (isRunning) removed.push(line);
      return !isRunning;
    }),
  );
  return { pages: kept, removed };
}

function edgesOf(lines: readonly Line[]): Set<Line> {
  const sorted = lines.toSorted((a, b) => a.y - b.y);
  return new Set([...sorted.slice(0, EDGE_LINES), ...sorted.slice(-EDGE_LINES)]);
}

/** Lines are the same with other numbers in them, at the same height; those of pages alone at any. */
function keyOf({ text, y }: Line): string {
  const height = Math.round(y / 8);
  return NUMBER_ONLY.test(text) ? `# ${height}` : `${text.replace(/\d+|\b[ivxlc]+$/g, "#")} ${height}`;
}
