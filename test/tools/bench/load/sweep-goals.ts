import type { SweepRow } from "./sweep-row.ts";

/** Share of the best throughput that must remain with the most connections. */
const MIN_THROUGHPUT = 0.8;

/** @returns the description of each missed goal */
export function missedSweepGoals(rows: readonly SweepRow[]): string[] {
  const best = Math.max(...rows.map((row) => row.requests_per_second));
  const last = rows.at(-1);
  return [
    ...rows
      .filter(({ requests }) => requests === 0)
      .map(({ connections }) => `${connections} clients: at least one response`),
    ...rows.filter(({ failed }) => failed > 0).map(({ connections }) => `${connections} clients: no errors`),
    ...(last && last.requests_per_second < best * MIN_THROUGHPUT
      ? [`${last.connections} clients: at least ${MIN_THROUGHPUT * 100} % of the best throughput`]
      : []),
  ];
}
