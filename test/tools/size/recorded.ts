import { readFileSync, writeFileSync } from "node:fs";
import type { FunctionSize } from "./sizes.ts";

/** Minified bytes of each package by its name, in the function that has most of it. */
export type Recorded = Readonly<Record<string, number>>;

const FILE = new URL("recorded.json", import.meta.url);

export function readRecorded(): Recorded {
  return JSON.parse(readFileSync(FILE, "utf8"));
}

/** Writes the sizes that later growth is measured against. */
export function writeRecorded(sizes: readonly FunctionSize[]): void {
  const largest: Record<string, number> = {};
  for (const [name, bytes] of sizes.flatMap(({ packages }) => packages).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    largest[name] = Math.max(bytes, largest[name] ?? 0);
  }
  writeFileSync(FILE, `${JSON.stringify(largest, null, 2)}\n`);
}
