import { expect, test } from "vitest";
import { factsOf } from "#console/page/traces/waterfall/span-facts.ts";
import { span } from "../_spans.ts";

const facts = (given: Parameters<typeof span>[1]) => factsOf(span("a", given)).map(({ text }) => text);

test("A request's facts are its status and whether it was a cold start", () => {
  expect(facts({ attributes: { "http.response.status_code": 200, "faas.coldstart": true } })).toEqual([
    "200",
    "cold start",
  ]);
});

test("A query's facts begin with the stages it went without", () => {
  const degraded = { name: "rag.degraded", at_ms: 3, attributes: { "rag.stage": "rerank", "error.type": "timeout" } };
  const attributes = { "cache.hit": false, "results.count": 1, "tokens.prompt": 1204, "tokens.completion": 0 };
  expect(factsOf(span("a", { attributes, events: [degraded] }))).toEqual([
    { text: "without rerank", tone: "warning" },
    { text: "cache miss" },
    { text: "1 result" },
    { text: "1,204 + 0 tokens" },
  ]);
});

test("A failed span says why: its error.type, the type of its exception, or only that it failed", () => {
  const exception = { name: "exception", at_ms: 1, attributes: { "exception.type": "TypeError" } };
  expect(facts({ status: "error", attributes: { "error.type": "timeout" }, events: [exception] })).toEqual([
    "failed: timeout",
  ]);
  expect(facts({ status: "error", events: [exception] })).toEqual(["failed: TypeError"]);
  expect(facts({ status: "error" })).toEqual(["failed"]);
});

test("A model's call has tokens and model by the conventions for generative AI", () => {
  const attributes = {
    "gen_ai.usage.input_tokens": 10,
    "gen_ai.usage.output_tokens": 3,
    "gen_ai.request.model": "small",
    "gen_ai.response.model": "small-2026-01",
  };
  expect(facts({ attributes })).toEqual(["10 + 3 tokens", "small-2026-01"]);
});

test("What is not recorded is not a fact", () => {
  expect(facts({ attributes: { "tokens.prompt": 0, "tokens.completion": 0 } })).toEqual([]);
  expect(facts({ attributes: { "cache.hit": "yes", "results.count": "many" } })).toEqual([]);
});
