import { expect, test } from "vitest";
import { attributeText, groupAttributes } from "#console/page/traces/waterfall/attribute-groups.ts";

test("Attributes are grouped by their names and sorted, numbers in names by value", () => {
  const groups = groupAttributes({
    "http.route": "/query",
    "retrieval.documents.10.document.id": "k",
    "retrieval.documents.2.document.id": "c",
    "gen_ai.request.model": "m",
    "rag.degraded": ["rerank"],
    "cache.hit": true,
    peer: "other",
  });
  expect(groups.map(({ title, attributes }) => [title, ...attributes.map(([name]) => name)])).toEqual([
    ["Pipeline", "cache.hit", "rag.degraded"],
    ["Generative AI", "gen_ai.request.model"],
    ["Retrieval", "retrieval.documents.2.document.id", "retrieval.documents.10.document.id"],
    ["HTTP", "http.route"],
    ["Other", "peer"],
  ]);
});

test("Text is shown as it is, everything else as JSON", () => {
  expect(attributeText("<b>")).toBe("<b>");
  expect(attributeText(["stop"])).toBe('["stop"]');
  expect(attributeText({ text: "x".repeat(100) })).toContain("\n");
});
