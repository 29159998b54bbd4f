export interface Piece {
  text: string;
  isMarked: boolean;
}

/** Cuts a text at its marks, which are in order. Those that are not in the text are left out. */
export function piecesOf(text: string, marks: readonly { start: number; end: number }[]): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  const add = (end: number, isMarked: boolean) => {
    if (end > at) pieces.push({ text: text.slice(at, end), isMarked });
    at = Math.max(at, end);
  };
  for (const { start, end } of marks) {
    if (start < at || end > text.length) continue;
    add(start, false);
    add(end, true);
  }
  add(text.length, false);
  return pieces;
}

/** A text whose first mark is further back than this is folded so that it can be seen. */
const NEAR = 100;
const BEFORE = 40;

/** Where the folded text begins: at its start, or some words before its first mark. */
export function foldedFrom(text: string, marks: readonly { start: number }[]): number {
  const first = marks[0]?.start ?? 0;
  if (first <= NEAR) return 0;
  const from = first - BEFORE;
  const space = text.slice(from, first).search(/\s\S/);
  return space === -1 ? first : from + space + 1;
}
