import { expect, test } from "vitest";
import { differenceText, signedDuration, signedPercent } from "#console/page/traces/diff/difference-text.ts";
import { matchSpans } from "#console/page/traces/diff/match-spans.ts";
import { spanTree } from "#console/page/traces/waterfall/span-tree.ts";
import { span, summary } from "../_spans.ts";

function compare(here: number, there: number, ...only: string[]): string {
  const trace = (generation: number, isHere: boolean) =>
    spanTree([
      span("rag.query", { duration_ms: generation + 5 }),
      ...(only.includes(isHere ? "here" : "there")
        ? [span("rag.rerank", { parent_id: "rag.query", duration_ms: generation })]
        : [span("rag.llm_generation", { parent_id: "rag.query", duration_ms: generation })]),
    ]);
  const [a, b] = [here, there].map((duration_ms) => summary("a", { duration_ms: duration_ms + 5 }));
  if (!a || !b) throw new Error("two traces");
  return differenceText(a, b, matchSpans(trace(here, true), trace(there, false))).replaceAll("\u202f", " ");
}

test("The difference names the span that made it", () => {
  expect(compare(312, 200)).toBe(
    "This trace took 112 ms longer than the other. rag.llm_generation took 112 ms longer.",
  );
  expect(compare(200, 312)).toBe("This trace took 112 ms less than the other. rag.llm_generation took 112 ms less.");
});

test("A span that only one of them has may have made it", () => {
  expect(compare(312, 200, "here")).toBe(
    "This trace took 112 ms longer than the other. rag.rerank, which only this trace has, took 312 ms.",
  );
  expect(compare(200, 312, "there")).toBe(
    "This trace took 112 ms less than the other. rag.rerank, which only the other trace has, took 312 ms there.",
  );
});

test("Less than a millisecond is no difference", () => {
  expect(compare(200, 200.4)).toBe("Both traces took the same time.");
});

test("Differences have a sign, and no percentage of nothing", () => {
  expect(signedDuration(112)).toBe("+112\u202fms");
  expect(signedDuration(-3.14)).toBe("\u22123.1\u202fms");
  expect(signedPercent(20, 80)).toBe("+25.0\u202f%");
  expect(signedPercent(20, 0)).toBe("");
  expect(signedPercent(440, 40)).toBe("×12");
});
