import { quantile } from "../../lambda/stats.ts";
import { seeded } from "../statistics/random.ts";
import { ratioInterval } from "../statistics/ratio.ts";
import type { Ingested, Memory, Queried } from "./messages.ts";
import { DIMENSIONS } from "./synthetic-corpus.ts";

/** The measurements of one store. */
export interface Measured {
  system: "sqlite" | "qdrant";
  ingested: Ingested;
  ingestMemory: Memory;
  /** By round: the n-th queries of two stores are the same question, run one after the other. */
  queries: Queried[];
  queryMemory: Memory;
  /** Of the ten nearest vectors, the share that a search finds; absent for other systems. */
  recall?: number;
  /** Bytes; absent when the store is on another machine. */
  disk?: number;
}

export interface Goal {
  name: string;
  limit: number;
  measured: number;
  /** 95 % interval of a ratio. */
  interval?: [number, number];
  met: boolean;
}

/** Ten times the chunks may take twelve times as long. */
const MAX_SLOWDOWN = 1.2;
const MAX_P95_MS = 60;
/** With fewer chunks, compiled code outweighs the vectors. */
const GOAL_CHUNKS = 100_000;
const MAX_MEMORY = 2;
const MAX_NOT_FOUND = 0.01;

export const vectorBytes = ({ ingested }: Measured) => ingested.chunks * DIMENSIONS * Float32Array.BYTES_PER_ELEMENT;
export const growthOf = ({ before, peak }: Memory) => peak - before;

/** The goals of the embedded store at its largest size; the memory goal from {@link GOAL_CHUNKS} on. */
export function goalsOf(measured: readonly Measured[]): Goal[] {
  const stores = measured.filter(({ system }) => system === "sqlite");
  const largest = stores.at(-1);
  const smaller = stores.at(-2);
  const goals: Goal[] = [];
  if (!largest) return goals;
  for (const kind of ["all", "filtered"] as const) {
    const query = kind === "all" ? "a query" : "a filtered query";
    const above = largest.queries.map((queried) => queried[kind].total);
    const p95 = quantile(above, 0.95);
    if (smaller) {
      const below = smaller.queries.map((queried) => queried[kind].total);
      const ratio = p95 / quantile(below, 0.95);
      const limit = (MAX_SLOWDOWN * largest.ingested.chunks) / smaller.ingested.chunks;
      const interval = ratioInterval(above, below, 0.95, seeded(1));
      const name = `p95 of ${query} at ${largest.ingested.chunks} chunks, over that at ${smaller.ingested.chunks}`;
      goals.push({ name, limit, measured: ratio, interval, met: ratio <= limit });
    }
    const name = `p95 of ${query} at ${largest.ingested.chunks} chunks, ms`;
    goals.push({ name, limit: MAX_P95_MS, measured: p95, met: p95 <= MAX_P95_MS });
  }
  if (largest.ingested.chunks >= GOAL_CHUNKS) {
    const share = growthOf(largest.queryMemory) / vectorBytes(largest);
    goals.push({
      name: "memory, over the vectors' bytes",
      limit: MAX_MEMORY,
      measured: share,
      met: share <= MAX_MEMORY,
    });
  }
  if (largest.recall !== undefined) {
    const name = `of the ten nearest vectors, not found at ${largest.ingested.chunks} chunks`;
    const measured = 1 - largest.recall;
    goals.push({ name, limit: MAX_NOT_FOUND, measured, met: measured <= MAX_NOT_FOUND });
  }
  return goals;
}
