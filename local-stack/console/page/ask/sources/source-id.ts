/** The id of a source's line in the list, to which its footnotes lead. */
export function sourceId(turn: number, number: number): string {
  return `source-${turn}-${number}`;
}
