import type { OtlpSpan } from "#console/receiver/payload.ts";

const RESOURCE = { attributes: { "service.name": "edge-rag" } };
const SCOPE = { name: "edge-rag", version: "", attributes: {} };
const START = 1_700_000_000_000_000_000n;

export const A = "a".repeat(32);
export const B = "b".repeat(32);

/** A span of trace A that ends 10 ms after it starts, unless said otherwise. */
export function span(
  spanId: string,
  { at = 0, ms = 10, ...fields }: Partial<OtlpSpan> & { at?: number; ms?: number } = {},
): OtlpSpan {
  const start = START + BigInt(Math.round(at * 1e6));
  return {
    ...{ resource: RESOURCE, scope: SCOPE, traceId: A, spanId, name: spanId, kind: "internal" },
    startTimeUnixNano: start,
    endTimeUnixNano: start + BigInt(Math.round(ms * 1e6)),
    ...{ attributes: {}, events: [], links: [] },
    status: { code: "unset", message: "" },
    ...fields,
  };
}

export const FAILED = { code: "error", message: "down" } as const;
