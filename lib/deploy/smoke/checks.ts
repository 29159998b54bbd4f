import { randomBytes } from "node:crypto";
import { deleteResponse, embedResponse, healthResponse, problem, queryResponse } from "#http/schemas.ts";
import { type Answer, described, expectStatus, jsonOf, send, type Target, Unexpected } from "./client.ts";
import type { SmokeDocument } from "./document.ts";
import { streamedAnswer } from "./events.ts";
import { matches } from "./matches.ts";

/** What a check saw, in a few words. One that throws has failed. */
export interface Seen {
  detail: string;
  /** It is as it may be, and somebody should know. */
  note?: boolean;
  traceId?: string;
}

const KEY_ADVICE = "Is the key right? --key, or better RAG_SMOKE_KEY, takes one that may write.";
const LOG_ADVICE = "Look at its trace and at the function's log.";

/** Liveness. */
export async function checkHealth(target: Target, signal: AbortSignal): Promise<Seen> {
  const answer = await send(target, "GET", "/health", { signal, key: null });
  expectStatus(answer, 200, "Is this the API's root, without /query or a stage's name?");
  const { status } = matches(healthResponse, jsonOf(answer), "GET /health");
  if (status !== "ok") throw new Unexpected('status "ok"', `"${status}"`, LOG_ADVICE);
  return { detail: "alive" };
}

/** Readiness: every dependency. */
export async function checkDependencies(target: Target, signal: AbortSignal): Promise<Seen> {
  const answer = await send(target, "GET", "/health?deep=1", { signal });
  if (answer.status === 401) throw new Unexpected("200", "401", KEY_ADVICE);
  if (answer.status !== 200 && answer.status !== 503) expectStatus(answer, 200, LOG_ADVICE);
  const { dependencies = [], telemetry } = matches(healthResponse, jsonOf(answer), "GET /health?deep=1");
  const down = dependencies.filter(({ status }) => status !== "ok");
  if (down.length > 0 || answer.status !== 200) {
    const came = down.map(({ name, needed, error }) => `${name}${needed ? "" : " (answers do without)"}: ${error}`);
    throw new Unexpected("every dependency up", came.join(", ") || described(answer), "Are its address and key right?");
  }
  if (dependencies.length === 0) throw new Unexpected("dependencies", "none", LOG_ADVICE);
  const names = dependencies.map(({ name, latency_ms }) => `${name} ${latency_ms.toFixed(0)} ms`).join(", ");
  return { detail: `${names}; telemetry ${telemetry?.enabled ? "on" : "off"}` };
}

/** The API's description. */
export async function checkOpenApi(target: Target, signal: AbortSignal): Promise<Seen> {
  const answer = await send(target, "GET", "/openapi.json", { signal, key: null });
  expectStatus(answer, 200, "Is the route deployed?");
  const { openapi, paths = {} } = jsonOf(answer) as { openapi?: string; paths?: object };
  const missing = ["/query", "/embed", "/health"].filter((path) => !(path in paths));
  if (!openapi?.startsWith("3.") || missing.length > 0) {
    throw new Unexpected("OpenAPI 3 with /query, /embed, /health", described(answer), "Is it another API's?");
  }
  return { detail: `OpenAPI ${openapi}, ${Object.keys(paths).length} paths` };
}

/**
 * Who has no key, or one that is not known, is refused. Where keys are off that is said, and is wrong only for whoever
 * was given a key. The requests are empty: those that are let in cost nothing.
 */
export async function checkKeys(target: Target, signal: AbortSignal): Promise<Seen> {
  const unknown = `erag_${randomBytes(32).toString("base64url")}`;
  for (const [who, key] of [
    ["an unknown key", unknown],
    ["no key", null],
  ] as const) {
    const answer = await send(target, "POST", "/query", { signal, key, body: {} });
    if (answer.status === 400 && target.key === undefined) {
      return { note: true, detail: "OPEN: anyone may read, write and delete here, as no RAG_API_KEYS are set" };
    }
    if (answer.status === 400) {
      const advice = "Set RAG_API_KEYS in the deployment's secret, or smoke it without a key.";
      throw new Unexpected(`401 for ${who}`, "400: it was let in", advice);
    }
    expectProblem(answer, 401, `POST /query with ${who}`);
    if (!answer.headers.get("www-authenticate")?.startsWith("Bearer")) {
      throw new Unexpected("www-authenticate: Bearer", `"${answer.headers.get("www-authenticate")}"`, LOG_ADVICE);
    }
  }
  return { detail: "401 for an unknown key and for none" };
}

/** What is wrong with a request is said with its status, and in words a program can read. */
export async function checkBadInput(target: Target, signal: AbortSignal): Promise<Seen> {
  const text = { "content-type": "text/plain" };
  const cases = [
    { status: 400, body: {}, path: "/query", what: "a query without a question", points: "/question" },
    { status: 400, body: { documents: [] }, path: "/embed", what: "no documents", points: "/documents" },
    { status: 400, body: "{", path: "/query", what: "half a JSON" },
    { status: 415, body: "Why?", path: "/query", what: "plain text", headers: text },
  ];
  for (const { status, body, path, what, points, headers } of cases) {
    const answer = await send(target, "POST", path, { signal, body, ...(headers && { headers }) });
    const { errors = [] } = expectProblem(answer, status, `POST ${path} with ${what}`);
    if (points && !errors.some(({ path }) => path === points)) {
      throw new Unexpected(`an error that points at ${points}`, JSON.stringify(errors), LOG_ADVICE);
    }
  }
  return { detail: "400 and 415, as problem+json" };
}

/** Stores the document: `created` at first, and `unchanged`, without anything embedded, when it is sent again. */
export async function checkEmbed(
  target: Target,
  document: SmokeDocument,
  expected: "created" | "unchanged",
  signal: AbortSignal,
): Promise<Seen> {
  const { id, title, text, metadata } = document;
  const answer = await send(target, "POST", "/embed", { signal, body: { documents: [{ id, title, text, metadata }] } });
  if (answer.status === 401 || answer.status === 403) throw new Unexpected("200", described(answer), KEY_ADVICE);
  expectStatus(answer, 200, LOG_ADVICE);
  const { documents, usage, trace_id } = matches(embedResponse, jsonOf(answer), "POST /embed");
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

/** The question is answered, from the document before all others. */
export async function checkQuery(target: Target, document: SmokeDocument, signal: AbortSignal): Promise<Seen> {
  const answer = await send(target, "POST", "/query", { signal, body: { question: document.question } });
  expectStatus(answer, 200, LOG_ADVICE);
  const { answer: text, citations, degraded, model, trace_id } = matches(queryResponse, jsonOf(answer), "POST /query");
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

/** The same, as server-sent events. That they come bit by bit is told, not asked: a gateway may hold them back. */
export async function checkStream(target: Target, document: SmokeDocument, signal: AbortSignal): Promise<Seen> {
  const body = { question: document.question, stream: true };
  const answer = await send(target, "POST", "/query", { signal, body });
  expectStatus(answer, 200, "With --stream-url, is it the URL of the function `stream`?");
  const streamed = streamedAnswer(answer);
  expectCited(streamed.documentIds, document);
  expectWhole(streamed.answer, streamed.degraded);
  const { citationsAtMs, doneAtMs, deltas } = streamed;
  const pieces = answer.pieces.length === 1 ? "all in one piece" : `from ${ms(citationsAtMs)} to ${ms(doneAtMs)}`;
  return { detail: `citations, ${deltas} delta, done, ${pieces}`, traceId: streamed.traceId };
}

/** Removes the document, and finds nothing of it the second time. */
export async function cleanUp(target: Target, { id }: SmokeDocument, signal: AbortSignal): Promise<Seen> {
  const path = `/embed/${encodeURIComponent(id)}`;
  const advice = `Remove it by hand: DELETE ${path}`;
  const answer = await send(target, "DELETE", path, { signal });
  // It was never stored.
  if (answer.status === 404) return { detail: "nothing was there to remove" };
  expectStatus(answer, 200, advice);
  const { chunks } = matches(deleteResponse, jsonOf(answer), "DELETE /embed");
  const again = await send(target, "DELETE", path, { signal });
  expectProblem(again, 404, "a second DELETE");
  return { detail: `the document is gone, with ${chunks} chunk` };
}

function expectProblem(answer: Answer, status: number, what: string) {
  const type = answer.headers.get("content-type") ?? "";
  if (answer.status !== status || !type.startsWith("application/problem+json")) {
    throw new Unexpected(`${status} problem+json for ${what}`, `${described(answer)} (${type})`, LOG_ADVICE);
  }
  return matches(problem, jsonOf(answer), `the problem of ${what}`);
}

function expectCited(documentIds: readonly string[], { id }: SmokeDocument): void {
  if (documentIds[0] === id) return;
  const place = documentIds.indexOf(id);
  const came = place < 0 ? `it is not among the ${documentIds.length}` : `it is number ${place + 1}`;
  throw new Unexpected(
    "the document that was just stored as first citation",
    came,
    "Do embed and query use one store?",
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
