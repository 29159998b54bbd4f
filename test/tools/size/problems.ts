import { GOAL } from "#deploy/bundle/size-table.ts";
import { WORKER_GOAL } from "#deploy/bundle/worker.ts";
import type { Recorded } from "./recorded.ts";
import { type FunctionSize, kb } from "./sizes.ts";

/** Smaller growth is not reported. */
const MIN_GROWTH_BYTES = 1_000;

/** Reports the sizes of a function over their goals, the packages that grew since the last recording, and what to do. */
export function problems({ name, bytes, zipped, mcp, packages }: FunctionSize, recorded: Recorded): string[] {
  const over = [
    ...(zipped > GOAL.zipped ? [`${exactKb(zipped)} zipped, goal ${exactKb(GOAL.zipped)}`] : []),
    ...(bytes > GOAL.bytes ? [`${exactKb(bytes)} minified, goal ${exactKb(GOAL.bytes)}`] : []),
    ...(mcp.zipped > GOAL.mcp.zipped
      ? [`${exactKb(mcp.zipped)} zipped for /mcp alone, goal ${exactKb(GOAL.mcp.zipped)}`]
      : []),
  ];
  if (over.length === 0) return [];
  const grown = packages
    .map(([name, bytes]) => ({ name, bytes, before: recorded[name] ?? 0 }))
    .filter(({ bytes, before }) => bytes - before >= MIN_GROWTH_BYTES)
    .toSorted((a, b) => b.bytes - b.before - (a.bytes - a.before))
    .map(({ name, bytes, before }) => `  ${name}: ${kb(before)} → ${kb(bytes)} minified`);
  return [
    [
      `${name} is over the size goal: ${over.join("; ")}.`,
      ...(grown.length > 0
        ? ["Grown since test/tools/size/recorded.json:", ...grown]
        : [`No package grew by ${kb(MIN_GROWTH_BYTES)} or more since test/tools/size/recorded.json was written.`]),
      "Stub modules that are never called (lib/deploy/bundle/stubbed-modules.ts), import less of a package, or stay on",
      "its earlier version. If the growth is worth it, raise GOAL in lib/deploy/bundle/size-table.ts. Then record the",
      "new sizes: npm run size -- --record",
    ].join("\n"),
  ];
}

/** Reports a worker over its goal, and what to do. */
export function workerProblems(gzipped: number): string[] {
  if (gzipped <= WORKER_GOAL) return [];
  return [
    `worker is over the size goal: ${exactKb(gzipped)} gzipped, goal ${exactKb(WORKER_GOAL)}.\n` +
      "Leave out what a worker never calls: the plugins in lib/deploy/bundle/worker.ts do. If the growth is worth it, raise " +
      "WORKER_GOAL there.",
  ];
}

function exactKb(bytes: number): string {
  return `${(bytes / 1_000).toFixed(1)} KB`;
}
