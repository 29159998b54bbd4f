import type { TraceFilter } from "#console/contract.ts";

/** What the list of traces is narrowed to; in the address, and in the query of `GET /console/api/traces`. */
export type ListFilter = Pick<TraceFilter, "min_ms" | "failed" | "degraded" | "route" | "id">;

/** Reads `?failed=1&min_ms=500&route=/query`; what is not valid is left out. */
export function readFilter(query: URLSearchParams): ListFilter {
  const min = Number(query.get("min_ms"));
  const route = query.get("route");
  const id = query.get("id")?.toLowerCase();
  return {
    ...(min > 0 && Number.isFinite(min) && { min_ms: min }),
    ...(query.get("failed") === "1" && { failed: true }),
    ...(query.get("degraded") === "1" && { degraded: true }),
    ...(route && { route }),
    ...(id && /^[0-9a-f]{1,32}$/.test(id) && { id }),
  };
}

/** The opposite of {@link readFilter}. */
export function filterQuery({ min_ms, failed, degraded, route, id }: ListFilter): Record<string, string> {
  return {
    ...(min_ms !== undefined && { min_ms: String(min_ms) }),
    ...(failed && { failed: "1" }),
    ...(degraded && { degraded: "1" }),
    ...(route !== undefined && { route }),
    ...(id !== undefined && { id }),
  };
}

/** The trace id in what was pasted: 32 hexadecimal digits, also within a `traceparent`. */
export function pastedTraceId(text: string): string | undefined {
  return /(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/.exec(text.toLowerCase())?.[0];
}
