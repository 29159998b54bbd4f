import { expect, test } from "vitest";
import { MOST, mergeNewest, release } from "#console/page/traces/list/live-list.ts";
import { summary } from "../_spans.ts";

const known = { traces: [summary("b", { start_ms: 2 }), summary("a", { start_ms: 1 })], held: [] };
const ids = (traces: readonly { trace_id: string }[]) => traces.map(({ trace_id }) => trace_id).join("");

test("New traces come first, and those that are known are brought up to date in their place", () => {
  const newest = [summary("c", { start_ms: 3 }), summary("b", { start_ms: 2, spans: 7 })];
  const merged = mergeNewest(known, newest, { isHeld: false, isComplete: true });
  expect(ids(merged?.traces ?? [])).toBe("cba");
  expect(merged?.traces[1]?.spans).toBe(7);
});

test("While somebody reads, no row moves: new traces are held, newest first, until they are released", () => {
  const held = mergeNewest(known, [summary("c", { start_ms: 3 })], { isHeld: true, isComplete: true }) ?? known;
  const more = mergeNewest(held, [summary("d", { start_ms: 4 }), summary("c", { start_ms: 3, spans: 9 })], {
    isHeld: true,
    isComplete: true,
  });
  expect(ids(more?.traces ?? [])).toBe("ba");
  expect(ids(more?.held ?? [])).toBe("dc");
  expect(more?.held[1]?.spans).toBe(9);
  expect(ids(release(more ?? known).traces)).toBe("dcba");
});

test("When none of the newest is known, traces may be missing in between", () => {
  const newest = [summary("z", { start_ms: 9 }), summary("y", { start_ms: 8 })];
  expect(mergeNewest(known, newest, { isHeld: false, isComplete: false })).toBeUndefined();
  expect(mergeNewest(known, newest, { isHeld: false, isComplete: true })).toBeDefined();
});

test("The list keeps the newest of its traces", () => {
  const traces = Array.from({ length: MOST }, (_, at) => summary(`${MOST - at}`, { start_ms: MOST - at }));
  const merged = mergeNewest({ traces, held: [] }, [summary("new", { start_ms: MOST + 1 })], {
    isHeld: false,
    isComplete: true,
  });
  expect(merged?.traces).toHaveLength(MOST);
  expect(merged?.traces[0]?.trace_id).toBe("new");
});
