import type { SweepRow } from "./sweep-row.ts";

/** Of the best throughput: with more connections than it can use, a server may not answer much less. */
const MIN_THROUGHPUT = 0.8;

/** @returns the goals that were missed, each as a sentence */
export function missedSweepGoals(rows: readonly SweepRow[]): string[] {
  const best = Math.max(...rows.map((row) => row.requests_per_second));
  const last = rows.at(-1);
  return [
    ...rows.filter(({ requests }) => requests === 0).map(({ connections }) => `${connections}: something is answered`),
    ...rows.filter(({ failed }) => failed > 0).map(({ connections }) => `${connections}: no error`),
    ...(last && last.requests_per_second < best * MIN_THROUGHPUT
      ? [`${last.connections}: at least ${MIN_THROUGHPUT * 100} % of the best throughput`]
      : []),
  ];
}
