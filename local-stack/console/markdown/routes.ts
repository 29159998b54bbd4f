import type { Hono } from "hono";
import type { MarkdownRequest, MarkdownResult } from "#console/contract.ts";
import { problem } from "#console/server/api.ts";

const MAX_TEXTS = 500;

/** Adds `POST /markdown`: texts in Markdown as trees to draw. */
export function addMarkdownRoute(api: Hono): void {
  api.post("/markdown", async ({ req, json }) => {
    const body: unknown = await req.json().catch(() => undefined);
    if (!isRequest(body)) return problem(400, `The body must be {"texts": […]}, with at most ${MAX_TEXTS} strings.`);
    // Loaded by the first request: npm run dev does not wait for it.
    const { readMarkdown } = await import("./read-markdown.ts");
    const result: MarkdownResult = { texts: body.texts.map(readMarkdown) };
    return json(result);
  });
}

function isRequest(body: unknown): body is MarkdownRequest {
  const { texts } = (body ?? {}) as { texts?: unknown };
  return Array.isArray(texts) && texts.length <= MAX_TEXTS && texts.every((text) => typeof text === "string");
}
