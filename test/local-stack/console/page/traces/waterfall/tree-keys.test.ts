import { expect, test } from "vitest";
import { spanTree, visibleNodes } from "#console/page/traces/waterfall/span-tree.ts";
import { moveByKey } from "#console/page/traces/waterfall/tree-keys.ts";
import { span } from "../_spans.ts";

const tree = spanTree([
  span("root"),
  span("first", { parent_id: "root", start_ms: 1 }),
  span("leaf", { parent_id: "first", start_ms: 2 }),
  span("second", { parent_id: "root", start_ms: 3 }),
]);

function press(key: string, at: string | undefined, folded: string[] = []): string | undefined {
  const nodes = visibleNodes(tree, new Set(folded));
  const selected = nodes.find(({ span }) => span.name === at);
  const move = moveByKey(key, nodes, selected, new Set(folded));
  return move && Object.entries(move).map(([what, node]) => `${what} ${node.span.name}`)[0];
}

test.each([
  ["the first key selects the root", "ArrowDown", undefined, [], "select root"],
  ["down goes to the next row", "ArrowDown", "leaf", [], "select second"],
  ["down skips what is folded", "ArrowDown", "first", ["first"], "select second"],
  ["down stays on the last row", "ArrowDown", "second", [], undefined],
  ["up goes to the row before", "ArrowUp", "second", [], "select leaf"],
  ["right goes to the first child", "ArrowRight", "root", [], "select first"],
  ["right unfolds first", "ArrowRight", "first", ["first"], "unfold first"],
  ["left folds", "ArrowLeft", "first", [], "fold first"],
  ["left goes to the parent when there is nothing to fold", "ArrowLeft", "leaf", [], "select first"],
  ["left goes from a folded span to its parent", "ArrowLeft", "first", ["first"], "select root"],
  ["Home goes to the first row", "Home", "leaf", [], "select root"],
  ["End goes to the last row", "End", "root", [], "select second"],
  ["other keys do nothing", "x", "root", [], undefined],
  ["other keys do nothing before a row is selected", "Tab", undefined, [], undefined],
])("In the tree of spans, %s", (_, key, at, folded, move) => {
  expect(press(key, at, folded)).toBe(move);
});
