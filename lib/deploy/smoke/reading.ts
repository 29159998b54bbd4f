/** Checks of the routes that find and read documents without an answer. */
import { documentResponse, listResponse } from "#http/schemas/documents.ts";
import { searchResponse } from "#http/schemas/responses.ts";
import { expectCited, LOG_ADVICE, type Seen } from "./checks.ts";
import { expectStatus, jsonOf, send, type Target, Unexpected } from "./client.ts";
import type { SmokeDocument } from "./document.ts";
import { matches } from "./matches.ts";

/** The document is found first. */
export async function checkSearch(target: Target, document: SmokeDocument, signal: AbortSignal): Promise<Seen> {
  const response = await send(target, "POST", "/search", { signal, body: { question: document.question } });
  expectStatus(response, 200, LOG_ADVICE);
  const { citations, degraded, trace_id } = matches(searchResponse, jsonOf(response), "POST /search");
  expectCited(
    citations.map(({ document_id }) => document_id),
    document,
  );
  if (degraded.length > 0) {
    throw new Unexpected("every stage at work", `a search without ${degraded.join(", ")}`, "Is that service up?");
  }
  return { detail: `found first of ${citations.length}`, traceId: trace_id };
}

/** The document is listed, and given as it was stored. */
export async function checkDocument(target: Target, document: SmokeDocument, signal: AbortSignal): Promise<Seen> {
  const id = encodeURIComponent(document.id);
  const list = await send(target, "GET", `/embed?prefix=${id}`, { signal });
  expectStatus(list, 200, LOG_ADVICE);
  const { documents } = matches(listResponse, jsonOf(list), "GET /embed");
  if (!documents.some(({ id }) => id === document.id)) {
    throw new Unexpected("the document that was just stored", JSON.stringify(documents), LOG_ADVICE);
  }
  const response = await send(target, "GET", `/embed/${id}`, { signal });
  expectStatus(response, 200, "Is the route deployed?");
  const { content, metadata, trace_id } = matches(documentResponse, jsonOf(response), "GET /embed/{document_id}");
  const isWhole = content.map(({ text }) => text).join("") === document.text;
  if (!isWhole || metadata.made_by !== document.metadata.made_by) {
    throw new Unexpected("the document as it was stored", JSON.stringify({ metadata, content }), LOG_ADVICE);
  }
  return { detail: `listed, and given in ${content.length} chunk`, traceId: trace_id };
}
