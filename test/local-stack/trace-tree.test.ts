import { describe, expect, it } from "vitest";
import type { OtlpSpan } from "#console/receiver/payload.ts";
import { traceTree } from "../../local-stack/dev/trace-tree.ts";

function span(name: string, spanId: string, parentSpanId: string | undefined, from: number, to: number): OtlpSpan {
  const nanos = (ms: number) => 1_700_000_000_000_000_000n + BigInt(ms * 1e6);
  return {
    resource: { attributes: {} },
    scope: { name: "edge-rag", version: "", attributes: {} },
    ...{ traceId: "t", spanId, name, kind: "internal" },
    ...(parentSpanId && { parentSpanId }),
    startTimeUnixNano: nanos(from),
    endTimeUnixNano: nanos(to),
    ...{ attributes: {}, events: [], links: [] },
    status: { code: "unset", message: "" },
  };
}

describe("traceTree", () => {
  it("prints children below their parent by start time, regardless of arrival order", () => {
    const tree = traceTree([
      span("rag.vector_search", "d", "b", 11, 14),
      span("rag.embedding", "c", "b", 1, 11),
      span("rag.query", "b", "a", 1, 15),
      span("POST /query", "a", undefined, 0, 16),
    ]);
    expect(tree).toEqual([
      "POST /query                            16.0 ms",
      "└─ rag.query                           14.0 ms",
      "   ├─ rag.embedding                    10.0 ms",
      "   └─ rag.vector_search                 3.0 ms",
    ]);
  });

  it("shows selected attributes next to the duration", () => {
    const [line] = traceTree([
      {
        ...span("rag.embedding", "c", undefined, 0, 1),
        status: { code: "error", message: "" },
        attributes: { rewritten: true, "cache.hit": false, "results.count": 3, "error.type": "RagError" },
      },
    ]);
    expect(line).toMatch(/ 1\.0 ms {2}rewritten, cache miss, 3 results, failed: RagError$/);
  });

  it("treats a span with a remote parent as a root", () => {
    expect(traceTree([span("POST /query", "a", "remote", 0, 1)])).toHaveLength(1);
  });
});
