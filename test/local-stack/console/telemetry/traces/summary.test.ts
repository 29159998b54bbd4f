import { describe, expect, it } from "vitest";
import { summaryOf } from "#console/telemetry/traces/summary.ts";
import { A, FAILED, span } from "./_spans.ts";

const root = (fields: Parameters<typeof span>[1] = {}) =>
  span("root", { name: "POST /query", kind: "server", ...fields });
const query = (fields: Parameters<typeof span>[1] = {}) => span("query", { parentSpanId: "root", ...fields });

describe("the summary of a trace", () => {
  it("is about its root, whose parent may be remote, and from the first start to the last end", () => {
    const attributes = { "http.route": "/query", "http.response.status_code": 200, "faas.coldstart": true };
    const spans = [query({ at: 1, ms: 100.5 }), root({ parentSpanId: "remote", ms: 50, attributes })];
    expect(summaryOf(A, spans)).toEqual({
      ...{ trace_id: A, name: "POST /query", service: "edge-rag", route: "/query", status: 200 },
      ...{ start_ms: 1_700_000_000_000, duration_ms: 101.5, spans: 2 },
      ...{ failed: false, degraded: [], cold_start: true },
    });
  });

  it("prefers the span without a parent to one that starts earlier", () => {
    const spans = [span("late", { parentSpanId: "lost", at: -5 }), root()];
    expect(summaryOf(A, spans).name).toBe("POST /query");
  });

  it("is about the first span where the root was not received", () => {
    expect(summaryOf(A, [span("b", { parentSpanId: "lost", at: 2 }), query({ at: 1 })]).name).toBe("query");
  });

  it.each([
    ["its root failed", [root({ status: FAILED }), query()], true],
    ["the pipeline below failed: a document of an ingest", [root(), query({ status: FAILED })], true],
    [
      "a call failed that was made again",
      [root(), query(), span("try", { parentSpanId: "query", status: FAILED })],
      false,
    ],
    ["a call of the root's failed, and the root did not", [root(), query({ kind: "client", status: FAILED })], false],
  ])("says whether it failed: %s", (_what, spans, failed) => {
    expect(summaryOf(A, spans).failed).toBe(failed);
  });

  it("names the stages that were skipped, once each", () => {
    const skipped = (stage: string) => ({ name: "rag.degraded", timeUnixNano: 0n, attributes: { "rag.stage": stage } });
    const events = [skipped("embedding"), skipped("rerank"), skipped("rerank")];
    expect(summaryOf(A, [root(), query({ events })]).degraded).toEqual(["embedding", "rerank"]);
  });

  it("adds up what models billed, not again what the query sums up, and its price", () => {
    const billed = (id: string, model: string, tokens: object) =>
      span(id, { attributes: { "gen_ai.request.model": model, "gen_ai.response.model": model, ...tokens } });
    const spans = [
      query({ attributes: { "tokens.prompt": 1_000, "tokens.completion": 100 } }),
      billed("embed", "text-embedding-3-small", { "gen_ai.usage.input_tokens": 10 }),
      billed("chat", "gpt-4o-mini", { "gen_ai.usage.input_tokens": 1_000, "gen_ai.usage.output_tokens": 100 }),
    ];
    // 10 × 0.02 + 1,000 × 0.15 + 100 × 0.6 millionths of a dollar.
    expect(summaryOf(A, spans)).toMatchObject({ tokens: 1_110, cost_usd: 0.0002102 });
  });

  it("has no cost where a model's price is not known, unless it is configured", () => {
    const attributes = { "gen_ai.request.model": "mine", "gen_ai.usage.input_tokens": 1_000 };
    const spans = [span("chat", { attributes })];
    expect(summaryOf(A, spans)).toMatchObject({ tokens: 1_000 });
    expect(summaryOf(A, spans)).not.toHaveProperty("cost_usd");
    expect(summaryOf(A, spans, new Map([["mine", { input: 2, output: 2 }]])).cost_usd).toBe(0.002);
  });
});
