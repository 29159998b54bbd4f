/** The share of its letters in which a name may differ from the one that was meant. */
const TOLERANCE = 0.35;

/** The candidate that was probably meant by a misspelt variable name. */
export function suggestionFor(name: string, candidates: readonly string[]): string | undefined {
  const distances = candidates.map((candidate) => [candidate, distance(normal(name), candidate)] as const);
  const [nearest, edits] = distances.toSorted(([, a], [, b]) => a - b)[0] ?? [];
  return nearest !== undefined && edits !== undefined && edits <= nearest.length * TOLERANCE ? nearest : undefined;
}

function normal(name: string): string {
  return name.trim().toUpperCase().replaceAll("-", "_");
}

/** Levenshtein's edit distance, by Wagner and Fischer, one row at a time. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    let diagonal = i;
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const above = row[j + 1] ?? 0;
      next.push(Math.min(above + 1, (next[j] ?? 0) + 1, diagonal + (letter === other ? 0 : 1)));
      diagonal = above;
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
