import { describe, expect, it } from "vitest";
import type { MarkdownResult } from "#console/contract.ts";
import { addMarkdownRoute } from "#console/markdown/routes.ts";
import { createApi, createEventBus } from "#console/server/api.ts";

const api = createApi(() => ({ functions: "ready", telemetry: { kind: "off" }, needsKey: false }), createEventBus());
addMarkdownRoute(api);

const post = (body: string) =>
  api.request("/console/api/markdown", { method: "POST", headers: { "content-type": "application/json" }, body });

describe("POST /console/api/markdown", () => {
  it("reads texts in their order", async () => {
    const response = await post(JSON.stringify({ texts: ["# One", "*two*", ""] }));
    const { texts } = (await response.json()) as MarkdownResult;
    expect(texts).toEqual([
      [{ type: "heading", level: 1, children: [{ type: "text", text: "One" }] }],
      [{ type: "paragraph", children: [{ type: "em", children: [{ type: "text", text: "two" }] }] }],
      [],
    ]);
  });

  it.each([
    ["no JSON", "texts"],
    ["no texts", "{}"],
    ["another kind", '{"texts": [1]}'],
    ["null", "null"],
  ])("refuses a body with %s, and says what it must be", async (_what, body) => {
    const response = await post(body);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("texts");
  });

  it("refuses more than a page needs", async () => {
    expect((await post(JSON.stringify({ texts: Array(501).fill("") }))).status).toBe(400);
    expect((await post(JSON.stringify({ texts: ["x".repeat(9 * 2 ** 20)] }))).status).toBe(413);
  });
});
