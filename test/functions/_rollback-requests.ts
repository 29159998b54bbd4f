/** Requests to the functions with telemetry on and off, and the expected status of each response. */
import { createHash } from "node:crypto";
import { sqsEvent } from "../support/sqs-event.ts";
import type { Sent } from "./_requests.ts";
import { FAILING } from "./_rollback.ts";

export type Requests = readonly (readonly [status: number, sent: Sent])[];

/** The trace id of the caller. */
export const CALLER = "4bf92f3577b34da6a3ce929d0e0e4736";
const traceparent = `00-${CALLER}-00f067aa0ba902b7-01`;
const xray = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
export const question = "Where are flowers?";
export const bees = { id: "bees", title: "Bees", text: "Bees tell each other where flowers are by a waggle dance." };

/** Queue messages: one that is stored, and one that the store rejects. */
const QUEUED = sqsEvent(
  { id: "stored", body: { documents: [{ ...bees, id: "queued" }] }, attributes: { traceparent } },
  { id: "rejected", body: { documents: [{ ...bees, id: FAILING, text: FAILING }] } },
);

/**
 * With hosted services: each route with each of its statuses, and both kinds of streaming. Without 429, which needs a real
 * Redis and has a contract test, and without a 504 for DELETE, which is a 503 when the cache's share of the time runs out
 * first.
 */
export const OPEN: Requests = [
  [200, { to: "embed", request: "POST /embed", body: { documents: [bees] }, xray }],
  [200, { to: "embed", request: "POST /embed", body: { documents: [bees, { ...bees, id: FAILING, text: FAILING }] } }],
  [0, { to: "embed", request: "POST /embed", event: QUEUED }],
  [400, { to: "embed", request: "POST /embed", body: { documents: [{ id: "", text: 7 }] } }],
  [413, { to: "embed", request: "POST /embed", body: `{"documents":[{"text":"${"a".repeat(6.3e6)}"}]}` }],
  [200, { to: "query", request: "POST /query", body: { question }, headers: { traceparent }, xray }],
  [200, { to: "query", request: "POST /query", body: { question } }],
  [200, { to: "query", request: "POST /query", body: { question, filter: { lang: "en" } } }],
  [200, { to: "query", request: "POST /query", body: { question: "And where?", stream: true }, streams: true }],
  [200, { to: "query", request: "POST /query", body: { question: "And how?", stream: true } }],
  [400, { to: "query", request: "POST /query", body: { wrong: true }, streams: true }],
  [400, { to: "query", request: "POST /query", body: "{" }],
  [415, { to: "query", request: "POST /query", body: "text", headers: { "content-type": "text/plain" } }],
  [404, { to: "query", request: "GET /nowhere" }],
  [503, { to: "query", request: "POST /query", body: { question: `How ${FAILING} are flowers?` } }],
  [200, { to: "query", request: "POST /query", body: { question: `How ${FAILING}?`, stream: true }, streams: true }],
  [504, { to: "query", request: "POST /query", body: { question: "And when?" }, leftMs: 1 }],
  [0, { to: "query", request: "POST /query", event: {} }],
  [404, { to: "embed", request: "DELETE /embed/nothing" }],
  [200, { to: "embed", request: "DELETE /embed/bees" }],
  [200, { to: "health", request: "GET /health" }],
  [200, { to: "health", request: "GET /health?deep=1", xray }],
  [400, { to: "health", request: "GET /health?deep=yes" }],
  [200, { to: "health", request: "GET /openapi.json" }],
];
export const OPEN_SETTINGS = { RAG_PUBLIC: "true", RAG_ANSWER_CACHE_SECONDS: "60" };

const [key, reader] = ["erag_all", "erag_topic"];
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const as = (key: string) => ({ authorization: `Bearer ${key}` });

/** With API keys, and a reranker that is down. */
export const KEYED: Requests = [
  [401, { to: "query", request: "POST /query", body: { question } }],
  [401, { to: "embed", request: "POST /embed", body: { documents: [bees] }, headers: as("erag_other") }],
  [200, { to: "embed", request: "POST /embed", body: { documents: [bees] }, headers: as(key) }],
  [403, { to: "embed", request: "DELETE /embed/bees", headers: as(reader) }],
  [200, { to: "query", request: "POST /query", body: { question }, headers: as(key) }],
  [200, { to: "query", request: "POST /query", body: { question }, headers: as(reader) }],
  [204, { to: "query", request: "OPTIONS /query", headers: { origin: "https://app.example" } }],
  [401, { to: "health", request: "GET /health?deep=1" }],
  [200, { to: "health", request: "GET /health?deep=1", headers: as(key) }],
];
export const KEYED_SETTINGS = {
  RAG_API_KEYS: `acme:${sha256(key)} acme:${sha256(reader)}:1`,
  RAG_CORS_ORIGINS: "https://app.example",
  RERANK_URL: "http://127.0.0.1:2/rerank",
};

export const LAPTOP: Requests = [
  [200, { to: "embed", request: "POST /embed", body: { documents: [bees] } }],
  [200, { to: "query", request: "POST /query", body: { question }, headers: { traceparent } }],
  [200, { to: "query", request: "POST /query", body: { question, stream: true } }],
  [400, { to: "query", request: "POST /query", body: { wrong: true } }],
  [200, { to: "embed", request: "DELETE /embed/bees" }],
  [404, { to: "embed", request: "DELETE /embed/bees" }],
  [200, { to: "health", request: "GET /health?deep=1" }],
];
