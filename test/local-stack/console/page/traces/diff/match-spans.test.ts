import { expect, test } from "vitest";
import { attributeDifferences, differenceMs, mainCause, matchSpans } from "#console/page/traces/diff/match-spans.ts";
import { spanTree } from "#console/page/traces/waterfall/span-tree.ts";
import { span } from "../_spans.ts";

const here = spanTree([
  span("root", { duration_ms: 200 }),
  span("a", {
    name: "embed",
    parent_id: "root",
    start_ms: 1,
    duration_ms: 10,
    attributes: { "cache.hit": false, n: [1] },
  }),
  span("b", { name: "call", parent_id: "root", start_ms: 20, duration_ms: 30 }),
  span("c", { name: "call", parent_id: "root", start_ms: 60, duration_ms: 120 }),
  span("d", { name: "parse", parent_id: "c", start_ms: 70, duration_ms: 5 }),
]);
const there = spanTree([
  span("root", { duration_ms: 100 }),
  span("1", {
    name: "embed",
    parent_id: "root",
    start_ms: 1,
    duration_ms: 2,
    attributes: { "cache.hit": true, n: [1] },
  }),
  span("2", { name: "rerank", parent_id: "root", start_ms: 10, duration_ms: 4 }),
  span("3", { name: "call", parent_id: "root", start_ms: 20, duration_ms: 28 }),
  span("4", { name: "call", parent_id: "root", start_ms: 50, duration_ms: 40 }),
]);
const pairs = matchSpans(here, there);

test("Spans are paired by the path of their names and their number among equal ones; the rest stays single", () => {
  expect(pairs.map(({ name, depth, here, there }) => [name, depth, here?.span.span_id, there?.span.span_id])).toEqual([
    ["root", 0, "root", "root"],
    ["embed", 1, "a", "1"],
    ["rerank", 1, undefined, "2"],
    ["call", 1, "b", "3"],
    ["call", 1, "c", "4"],
    ["parse", 2, "d", undefined],
  ]);
});

test("A difference is of two spans, never of one", () => {
  expect(pairs.map(differenceMs)).toEqual([100, 8, undefined, 2, 80, undefined]);
});

test("The main cause is the span whose own time differs most, in the direction of the traces", () => {
  expect(mainCause(pairs, 100)).toMatchObject({ pair: { name: "call", here: { span: { span_id: "c" } } }, ms: 75 });
  expect(mainCause(pairs, -1)).toMatchObject({ pair: { name: "rerank" }, ms: -4 });
});

test("Only attributes that differ are listed, those of one side too", () => {
  const [, embed, rerank] = pairs;
  expect(embed && attributeDifferences(embed)).toEqual([{ name: "cache.hit", here: false, there: true }]);
  expect(rerank && attributeDifferences(rerank)).toEqual([]);
});
