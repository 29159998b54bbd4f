import type { Artifact } from "./artifacts.ts";

/**
 * Maximum size of one function's code in bytes, minified and zipped, without what only `/mcp` loads, which has a maximum of
 * its own. `npm run size` fails above it.
 */
export const GOAL = { bytes: 630_000, zipped: 220_000, mcp: { bytes: 25_000, zipped: 10_000 } };

/** A table of each function's size, with the goal, what of it only `/mcp` loads, and the SHA-256 of its zip file. */
export function sizeTable(artifacts: ReadonlyMap<string, Artifact>): string {
  const rows = [...artifacts].map(([name, { bytes, zipped, mcp, sha256 }]) => [
    name,
    kb(bytes - mcp.bytes, GOAL.bytes),
    kb(zipped - mcp.zipped, GOAL.zipped),
    mcp.zipped === 0 ? "" : `+ ${kb(mcp.zipped, GOAL.mcp.zipped)}`,
    sha256,
  ]);
  const head = [
    "function",
    `minified, goal ${kb(GOAL.bytes)}`,
    `zipped, goal ${kb(GOAL.zipped)}`,
    `for /mcp alone, goal ${kb(GOAL.mcp.zipped)}`,
    "SHA-256",
  ];
  const widths = head.map((title, column) => Math.max(...[head, ...rows].map((row) => (row[column] ?? title).length)));
  return [head, ...rows]
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "))
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}

function kb(bytes: number, goal = Number.POSITIVE_INFINITY): string {
  return `${(bytes / 1_000).toFixed(1)} KB${bytes > goal ? ", OVER" : ""}`;
}
