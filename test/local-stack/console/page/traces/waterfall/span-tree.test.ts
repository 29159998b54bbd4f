import { expect, test } from "vitest";
import { selfMs, selfParts, spanTree, visibleNodes } from "#console/page/traces/waterfall/span-tree.ts";
import { span } from "../_spans.ts";

const outline = (spans: Parameters<typeof spanTree>[0]) =>
  spanTree(spans).map(({ span, depth }) => `${"  ".repeat(depth)}${span.name}`);

test("Spans are in tree order, siblings by start, in whatever order they were received", () => {
  expect(
    outline([
      span("search", { parent_id: "query", start_ms: 5 }),
      span("rows", { parent_id: "search", start_ms: 6 }),
      span("embed", { parent_id: "query", start_ms: 2 }),
      span("query", { start_ms: 1 }),
    ]),
  ).toEqual(["query", "  embed", "  search", "    rows"]);
});

test("A span whose parent was not received is a root of its own, and says so", () => {
  const [root, orphan] = spanTree([span("root"), span("orphan", { parent_id: "elsewhere", start_ms: 3 })]);
  expect(root).toMatchObject({ depth: 0, isOrphan: false });
  expect(orphan).toMatchObject({ depth: 0, isOrphan: true });
});

test("Spans that are each other's parents are shown once each", () => {
  expect(
    outline([span("a", { parent_id: "b" }), span("b", { parent_id: "a" }), span("own", { parent_id: "own" })]),
  ).toEqual(["a", "  b", "own"]);
});

test("A chain of 20,000 spans has its depth", () => {
  const chain = Array.from({ length: 20_000 }, (_, at) => span(`${at}`, at > 0 ? { parent_id: `${at - 1}` } : {}));
  expect(spanTree(chain).at(-1)?.depth).toBe(19_999);
});

test("What is below a folded span is hidden, at every depth", () => {
  const nodes = spanTree([
    span("a"),
    span("b", { parent_id: "a" }),
    span("c", { parent_id: "b" }),
    span("d", { start_ms: 1 }),
  ]);
  expect(visibleNodes(nodes, new Set(["a"])).map(({ span }) => span.name)).toEqual(["a", "d"]);
});

test("A span's own time is what no child covers, also when children overlap or reach beyond it", () => {
  const [root] = spanTree([
    span("root", { start_ms: 0, duration_ms: 100 }),
    span("first", { parent_id: "root", start_ms: 10, duration_ms: 30 }),
    span("overlapping", { parent_id: "root", start_ms: 20, duration_ms: 30 }),
    span("within", { parent_id: "root", start_ms: 22, duration_ms: 2 }),
    span("late", { parent_id: "root", start_ms: 90, duration_ms: 60 }),
  ]);
  if (!root) throw new Error("no root");
  expect(selfMs(root)).toBe(50);
  expect(selfParts(root)).toEqual([
    [0, 0.1],
    [0.5, 0.9],
  ]);
});

test("A span that took no time is its own", () => {
  const [root] = spanTree([span("root", { duration_ms: 0 }), span("child", { parent_id: "root", duration_ms: 0 })]);
  if (!root) throw new Error("no root");
  expect(selfParts(root)).toEqual([[0, 1]]);
});
