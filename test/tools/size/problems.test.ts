import { expect, test } from "vitest";
import { GOAL } from "#deploy/bundle/size-table.ts";
import { WORKER_GOAL } from "#deploy/bundle/worker.ts";
import { problems, workerProblems } from "./problems.ts";
import type { FunctionSize } from "./sizes.ts";

const QUERY: FunctionSize = {
  name: "query",
  bytes: GOAL.bytes,
  zipped: GOAL.zipped,
  mcp: { bytes: 0, zipped: 0 },
  files: new Map(),
  modules: [],
  packages: [
    ["edge-rag", 150_400],
    ["openai", 58_200],
    ["zod", 37_000],
    ["new-one", 9_000],
  ],
};
const kb = (bytes: number) => `${(bytes / 1_000).toFixed(1)} KB`;
const RECORDED = { "edge-rag": 150_000, openai: 40_100, zod: 40_000 };

test("a function within the size goal has no problems, even if packages grew", () => {
  expect(problems(QUERY, RECORDED)).toEqual([]);
});

test("a function over the size goal is reported with the packages that grew most, and what to do", () => {
  const [problem, ...others] = problems({ ...QUERY, zipped: GOAL.zipped + 18_200 }, RECORDED);
  expect(others).toEqual([]);
  expect(problem?.split("\n").slice(0, 5)).toEqual([
    `query is over the size goal: ${kb(GOAL.zipped + 18_200)} zipped, goal ${kb(GOAL.zipped)}.`,
    "Grown since test/tools/size/recorded.json:",
    "  openai: 40 KB → 58 KB minified",
    "  new-one: 0 KB → 9 KB minified",
    expect.stringContaining("stubbed-modules.ts"),
  ]);
  expect(problem).toContain("npm run size -- --record");
});

test("a function over the size goal without grown packages is reported as such", () => {
  const [problem] = problems(
    { ...QUERY, bytes: GOAL.bytes + 1_000 },
    { ...RECORDED, openai: 58_000, "new-one": 9_000 },
  );
  expect(problem).toContain(`${kb(GOAL.bytes + 1_000)} minified, goal ${kb(GOAL.bytes)}`);
  expect(problem).toContain("No package grew by 1 KB or more");
});

test("what only /mcp loads has a goal of its own", () => {
  expect(problems({ ...QUERY, mcp: GOAL.mcp }, RECORDED)).toEqual([]);
  const [problem] = problems({ ...QUERY, mcp: { ...GOAL.mcp, zipped: GOAL.mcp.zipped + 1_000 } }, RECORDED);
  expect(problem).toContain("query is over the size goal: 11.0 KB zipped for /mcp alone, goal 10.0 KB.");
});

test("a worker over its goal is reported with what to do", () => {
  expect(workerProblems(WORKER_GOAL)).toEqual([]);
  const [problem] = workerProblems(WORKER_GOAL + 100);
  expect(problem).toContain(`worker is over the size goal: ${kb(WORKER_GOAL + 100)} gzipped, goal ${kb(WORKER_GOAL)}.`);
});
