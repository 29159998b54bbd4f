import { expect, test } from "vitest";
import { filterQuery, pastedTraceId, readFilter } from "#console/page/traces/list/trace-filter.ts";

test("A filter survives the address", () => {
  const filter = { min_ms: 500, failed: true, degraded: true, route: "/v1/chat/completions", id: "4bf9" };
  expect(readFilter(new URLSearchParams(filterQuery(filter)))).toEqual(filter);
  expect(filterQuery({})).toEqual({});
});

test("What is not valid in an address is left out", () => {
  expect(readFilter(new URLSearchParams("min_ms=soon&failed=no&id=xyz&route=&degraded"))).toEqual({});
  expect(readFilter(new URLSearchParams("min_ms=-5&min_ms=7"))).toEqual({});
});

test("A pasted trace id is found in what surrounds it", () => {
  const id = "4bf92f3577b34da6a3ce929d0e0e4736";
  expect(pastedTraceId(` ${id.toUpperCase()}\n`)).toBe(id);
  expect(pastedTraceId(`00-${id}-00f067aa0ba902b7-01`)).toBe(id);
  expect(pastedTraceId(`${id}0`)).toBeUndefined();
  expect(pastedTraceId("4bf9")).toBeUndefined();
});
