import type { Problem, QueryResponse } from "#http/schemas/responses.ts";
import { toUri } from "./uri.ts";

type Citations = QueryResponse["citations"];

/** An answer for a model to read: its text, and what the numbers in it refer to. */
export function answerText({ answer, citations }: Pick<QueryResponse, "answer" | "citations">): string {
  return citations.length === 0 ? answer : `${answer}\n\nSources:\n${citations.map(sourceLine).join("\n")}`;
}

/** What was wrong, for a model to read; with the passages that were found when only the answer failed. */
export function problemText({ title, detail, errors = [], citations = [], trace_id }: Problem): string {
  const fields = errors.map(({ path, message }) => `${path}: ${message}`);
  const found = citations.length > 0 ? ["The documents have these passages:", passagesText(citations)] : [];
  return [`${title}. ${detail}`, ...fields, ...found, `(trace ${trace_id})`].join("\n");
}

/** Passages for a model to read, best first. */
export function passagesText(citations: Citations): string {
  return citations.map((citation) => `${sourceLine(citation)}\n${citation.text}`).join("\n\n");
}

/** The document's URI, to read it as a resource, and its address for people. */
function sourceLine({ index, title, document_id, url }: Citations[number]): string {
  return `[${index}] ${title}: ${toUri(document_id)}${url === undefined ? "" : ` (${url})`}`;
}
