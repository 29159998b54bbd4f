/** The check of MCP. */

import * as z from "zod/mini";
import { searchResponse } from "#http/schemas/responses.ts";
import { expectCited, LOG_ADVICE, type Seen } from "./checks.ts";
import { expectStatus, jsonOf, send, type Target } from "./client.ts";
import type { SmokeDocument } from "./document.ts";
import { matches } from "./matches.ts";

const called = z.object({ result: z.object({ structuredContent: searchResponse }) });

/** The tool `search` finds the document first. */
export async function checkTools(target: Target, document: SmokeDocument, signal: AbortSignal): Promise<Seen> {
  const params = { name: "search", arguments: { question: document.question } };
  const body = { jsonrpc: "2.0", id: 1, method: "tools/call", params };
  const headers = { accept: "application/json, text/event-stream" };
  const response = await send(target, "POST", "/mcp", { signal, body, headers });
  expectStatus(response, 200, LOG_ADVICE);
  const { citations, trace_id } = matches(called, jsonOf(response), "a call of the tool search").result
    .structuredContent;
  expectCited(
    citations.map(({ document_id }) => document_id),
    document,
  );
  return { detail: `search found it first of ${citations.length}`, traceId: trace_id };
}
