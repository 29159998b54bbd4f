import { randomBytes } from "node:crypto";
import { deleteResponse } from "#http/schemas/documents.ts";
import { embedResponse, healthResponse, problem, queryResponse } from "#http/schemas/responses.ts";
import { described, expectStatus, jsonOf, type SmokeResponse, send, type Target, Unexpected } from "./client.ts";
import type { SmokeDocument } from "./document.ts";
import { streamedAnswer } from "./events.ts";
import { matches } from "./matches.ts";

/** The result of a check that passed; a check that fails throws. */
export interface Seen {
  detail: string;
  /** Nothing is wrong, but the operator should know. */
  note?: boolean;
  traceId?: string;
}

const KEY_ADVICE = "Is the key right? Set RAG_SMOKE_KEY (or --key) to one with write access.";
export const LOG_ADVICE = "Look at its trace and at the function's log.";

/** Liveness. */
export async function checkHealth(target: Target, signal: AbortSignal): Promise<Seen> {
  const response = await send(target, "GET", "/health", { signal, key: null });
  expectStatus(response, 200, "Is this the API's root, without /query or a stage's name?");
  const { status } = matches(healthResponse, jsonOf(response), "GET /health");
  if (status !== "ok") throw new Unexpected('status "ok"', `"${status}"`, LOG_ADVICE);
  return { detail: "alive" };
}

/** Readiness: every dependency. */
export async function checkDependencies(target: Target, signal: AbortSignal): Promise<Seen> {
  const response = await send(target, "GET", "/health?deep=1", { signal });
  if (response.status === 401) throw new Unexpected("200", "401", KEY_ADVICE);
  if (response.status !== 200 && response.status !== 503) expectStatus(response, 200, LOG_ADVICE);
  const { dependencies = [], telemetry } = matches(healthResponse, jsonOf(response), "GET /health?deep=1");
  const down = dependencies.filter(({ status }) => status !== "ok");
  if (down.length > 0 || response.status !== 200) {
    const actual = down.map(({ name, needed, error }) => `${name}${needed ? "" : " (optional)"}: ${error}`);
    throw new Unexpected(
      "every dependency up",
      actual.join(", ") || described(response),
      "Are its address and key right?",
    );
  }
  if (dependencies.length === 0) throw new Unexpected("dependencies", "none", LOG_ADVICE);
  const names = dependencies.map(({ name, latency_ms }) => `${name} ${latency_ms.toFixed(0)} ms`).join(", ");
  return { detail: `${names}; telemetry ${telemetry?.enabled ? "on" : "off"}` };
}

/** The API's description. */
export async function checkOpenApi(target: Target, signal: AbortSignal): Promise<Seen> {
  const response = await send(target, "GET", "/openapi.json", { signal, key: null });
  expectStatus(response, 200, "Is the route deployed?");
  const { openapi, paths = {} } = jsonOf(response) as { openapi?: string; paths?: object };
  const missing = ["/query", "/embed", "/health"].filter((path) => !(path in paths));
  if (!openapi?.startsWith("3.") || missing.length > 0) {
    throw new Unexpected("OpenAPI 3 with /query, /embed, /health", described(response), "Is it another API's?");
  }
  return { detail: `OpenAPI ${openapi}, ${Object.keys(paths).length} paths` };
}

/**
 * Requests without a key or with an unknown one get 401. When the deployment has no keys, that is noted, and is a failure
 * only if this run was given a key. The requests have an empty body, so that they cost nothing if they are accepted.
 */
export async function checkKeys(target: Target, signal: AbortSignal): Promise<Seen> {
  const unknown = `erag_${randomBytes(32).toString("base64url")}`;
  for (const [who, key] of [
    ["an unknown key", unknown],
    ["no key", null],
  ] as const) {
    const response = await send(target, "POST", "/query", { signal, key, body: {} });
    if (response.status === 400 && target.key === undefined) {
      return { note: true, detail: "OPEN: anyone can read, write and delete, because RAG_API_KEYS is not set" };
    }
    if (response.status === 400) {
      const advice = "Set RAG_API_KEYS in the deployment's secret, or run the smoke test without a key.";
      throw new Unexpected(`401 for ${who}`, "400: it was accepted", advice);
    }
    expectProblem(response, 401, `POST /query with ${who}`);
    if (!response.headers.get("www-authenticate")?.startsWith("Bearer")) {
      throw new Unexpected("www-authenticate: Bearer", `"${response.headers.get("www-authenticate")}"`, LOG_ADVICE);
    }
  }
  return { detail: "401 for an unknown key and for none" };
}

/** Invalid requests get the right status and a machine-readable problem. */
export async function checkBadInput(target: Target, signal: AbortSignal): Promise<Seen> {
  const text = { "content-type": "text/plain" };
  const cases = [
    { status: 400, body: {}, path: "/query", what: "a query without a question", points: "/question" },
    { status: 400, body: { documents: [] }, path: "/embed", what: "no documents", points: "/documents" },
    { status: 400, body: "{", path: "/query", what: "half a JSON" },
    { status: 415, body: "Why?", path: "/query", what: "plain text", headers: text },
  ];
  for (const { status, body, path, what, points, headers } of cases) {
    const response = await send(target, "POST", path, { signal, body, ...(headers && { headers }) });
    const { errors = [] } = expectProblem(response, status, `POST ${path} with ${what}`);
    if (points && !errors.some(({ path }) => path === points)) {
      throw new Unexpected(`an error that points at ${points}`, JSON.stringify(errors), LOG_ADVICE);
    }
  }
  return { detail: "400 and 415, as problem+json" };
}

/** Stores the document: `created` at first; `unchanged`, with nothing embedded, the second time. */
export async function checkEmbed(
  target: Target,
  document: SmokeDocument,
  expected: "created" | "unchanged",
  signal: AbortSignal,
): Promise<Seen> {
  const { id, title, text, metadata } = document;
  const response = await send(target, "POST", "/embed", {
    signal,
    body: { documents: [{ id, title, text, metadata }] },
  });
  if (response.status === 401 || response.status === 403) throw new Unexpected("200", described(response), KEY_ADVICE);
  expectStatus(response, 200, LOG_ADVICE);
  const { documents, usage, trace_id } = matches(embedResponse, jsonOf(response), "POST /embed");
  const [first] = documents;
  if (documents.length !== 1 || first?.id !== id || first.status !== expected || first.chunks < 1) {
    throw new Unexpected(`${id} ${expected}, in chunks`, JSON.stringify(documents), LOG_ADVICE);
  }
  if (expected === "unchanged" && usage.prompt_tokens > 0) {
    const advice = "Are chunks found again by their content?";
    throw new Unexpected("nothing embedded", `${usage.prompt_tokens} tokens`, advice);
  }
  return { detail: `${expected}, ${first.chunks} chunk`, traceId: trace_id };
}

/** The question is answered, with the document as first citation. */
export async function checkQuery(target: Target, document: SmokeDocument, signal: AbortSignal): Promise<Seen> {
  const response = await send(target, "POST", "/query", { signal, body: { question: document.question } });
  expectStatus(response, 200, LOG_ADVICE);
  const {
    answer: text,
    citations,
    degraded,
    model,
    trace_id,
  } = matches(queryResponse, jsonOf(response), "POST /query");
  expectCited(
    citations.map(({ document_id }) => document_id),
    document,
  );
  const cited = citations[0];
  if (cited?.index !== 1 || !document.text.includes(cited.text)) {
    throw new Unexpected("citation [1] with the document's words", JSON.stringify(cited), LOG_ADVICE);
  }
  expectWhole(text, degraded);
  return { detail: `cited first of ${citations.length}, by ${model}`, traceId: trace_id };
}

/** The same, as server-sent events. Whether they arrive one by one is reported, not required: a gateway may buffer them. */
export async function checkStream(target: Target, document: SmokeDocument, signal: AbortSignal): Promise<Seen> {
  const body = { question: document.question, stream: true };
  const response = await send(target, "POST", "/query", { signal, body });
  expectStatus(response, 200, "With --stream-url, is it the URL of the function `stream`?");
  const streamed = streamedAnswer(response);
  expectCited(streamed.documentIds, document);
  expectWhole(streamed.answer, streamed.degraded);
  const { citationsAtMs, doneAtMs, deltas } = streamed;
  const pieces = response.pieces.length === 1 ? "all in one piece" : `from ${ms(citationsAtMs)} to ${ms(doneAtMs)}`;
  return { detail: `citations, ${deltas} delta, done, ${pieces}`, traceId: streamed.traceId };
}

/** Deletes the document; a second DELETE finds nothing. */
export async function cleanUp(target: Target, { id }: SmokeDocument, signal: AbortSignal): Promise<Seen> {
  const path = `/embed/${encodeURIComponent(id)}`;
  const advice = `Remove it by hand: DELETE ${path}`;
  const response = await send(target, "DELETE", path, { signal });
  // It was never stored.
  if (response.status === 404) return { detail: "there was nothing to remove" };
  expectStatus(response, 200, advice);
  const { chunks } = matches(deleteResponse, jsonOf(response), "DELETE /embed");
  const again = await send(target, "DELETE", path, { signal });
  expectProblem(again, 404, "a second DELETE");
  return { detail: `the document is gone, with ${chunks} chunk` };
}

function expectProblem(response: SmokeResponse, status: number, what: string) {
  const type = response.headers.get("content-type") ?? "";
  if (response.status !== status || !type.startsWith("application/problem+json")) {
    throw new Unexpected(`${status} problem+json for ${what}`, `${described(response)} (${type})`, LOG_ADVICE);
  }
  return matches(problem, jsonOf(response), `the problem of ${what}`);
}

export function expectCited(documentIds: readonly string[], { id }: SmokeDocument): void {
  if (documentIds[0] === id) return;
  const place = documentIds.indexOf(id);
  const actual = place < 0 ? `${documentIds.length} citations without it` : `it as citation ${place + 1}`;
  throw new Unexpected(
    "the document that was just stored as first citation",
    actual,
    "Do embed and query use the same store?",
  );
}

function expectWhole(text: string, degraded: readonly string[]): void {
  if (text.trim() === "") throw new Unexpected("an answer", "an empty one", LOG_ADVICE);
  if (degraded.length === 0) return;
  throw new Unexpected("every stage at work", `an answer without ${degraded.join(", ")}`, "Is that service up?");
}

function ms(duration: number): string {
  return `${duration.toFixed(0)} ms`;
}
