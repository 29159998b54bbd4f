/** Descriptions and examples that the OpenAPI document leaves out: a function serves it, where each byte counts. */

/** What a route is for, and an example of a request and its response. */
export interface Words {
  about: string;
  curl: string;
  /** The response to it, an example of its schema. */
  answer?: object;
}

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

export const WORDS: Readonly<Record<string, Words>> = {
  query: {
    about:
      "Answers a question from the documents, with citations. Citations are sorted by relevance; `[1]` in the answer refers to the citation with `index` 1. A filter that matches nothing returns an answer without citations that says so, never one from other documents. When the service of a stage is down, a query may continue without it: `degraded` then lists the stage ([Reliability](RELIABILITY.md#degraded-modes)).",
    curl: `curl -s http://localhost:3000/query -H 'content-type: application/json' -d '{
  "question": "When do unused days expire?",
  "topic_ids": [7],
  "filter": {"lang": ["en", "de"]},
  "top_k": 3
}'`,
    answer: {
      answer: "Unused days expire in March. [1]",
      citations: [
        {
          index: 1,
          document_id: "handbook/leave.md",
          chunk_id: "0d1b6c0e9a7f4e52",
          title: "Leave",
          score: 0.87,
          text: "Everyone has 30 days of leave a year. Unused days expire in March.",
        },
      ],
      usage: { prompt_tokens: 412, completion_tokens: 9, cost_usd: 0.0000672 },
      timings_ms: { embedding: 24.3, vector_search: 1.6, rerank: 2.1, llm_generation: 612.4, total: 640.9 },
      cache: { embedding: false },
      degraded: [],
      model: "gpt-4o-mini-2024-07-18",
      trace_id: TRACE,
    },
  },
  embed: {
    about:
      "Adds documents, or replaces those with the same id. The request is idempotent: ids and versions are derived from the content, so sending a document again changes nothing and embeds nothing. Each document is stored as a whole or not at all, and one that fails does not fail the others: the status code is 200, and the `status` of that document is `failed`. [Adding documents](INGEST.md) has examples with topics and metadata.",
    curl: `curl -s http://localhost:3000/embed -H 'content-type: application/json' -d '{
  "documents": [{
    "id": "handbook/leave.md",
    "title": "Leave",
    "text": "Everyone has 30 days of leave a year. Unused days expire in March.",
    "url": "https://example.com/handbook/leave",
    "topic_ids": [7],
    "metadata": {"lang": "en"}
  }]
}'`,
    answer: {
      documents: [{ id: "handbook/leave.md", status: "created", chunks: 1 }],
      usage: { prompt_tokens: 17 },
      trace_id: TRACE,
    },
  },
  deleteDocument: {
    about: "Deletes a document and all of its chunks. The id in the path is percent-encoded; slashes need not be.",
    curl: "curl -s -X DELETE http://localhost:3000/embed/handbook%2Fleave.md",
    answer: { id: "handbook/leave.md", status: "deleted", chunks: 1, trace_id: TRACE },
  },
  health: {
    about:
      "Liveness: responds within a few milliseconds, without I/O and without an API key. With `deep=1`, readiness: checks every dependency, each for at most two seconds, reports its status and latency, and responds with 503 when one that is needed is down; it requires a key where there are keys. Telemetry state and usage are those of the health function's own process.",
    curl: "curl -s 'http://localhost:3000/health?deep=1'",
    answer: {
      status: "ok",
      dependencies: [
        { name: "store (sqlite)", status: "ok", latency_ms: 0.4, needed: true },
        { name: "embedder (universal-sentence-encoder-lite)", status: "ok", latency_ms: 14.2, needed: true },
      ],
      telemetry: {
        enabled: true,
        exported: 214,
        retained: 0,
        dropped: 0,
        breaker: "closed",
        flush: { count: 12, last_ms: 2.8, max_ms: 11.3 },
      },
      usage: { prompt_tokens: 0, completion_tokens: 0, cost_usd: 0, requests: 0, unpriced_requests: 0 },
      trace_id: TRACE,
    },
  },
  openapi: {
    about: "The OpenAPI 3.1 description of this API, for client generators and validators. It needs no key.",
    curl: "curl -s http://localhost:3000/openapi.json",
  },
};

/** The same question, streamed. */
export const STREAM_CURL = `curl -sN http://localhost:3000/query -H 'content-type: application/json' \\
  -d '{"question": "When do unused days expire?", "top_k": 1, "stream": true}'`;

/** The streamed response to it. */
export const EVENTS = {
  citations: { citations: [], degraded: [], trace_id: TRACE },
  delta: { text: "Unused days " },
  done: {
    answer: "Unused days expire in March. [1]",
    usage: { prompt_tokens: 412, completion_tokens: 9, cost_usd: 0.0000672 },
    timings_ms: { embedding: 24.3, vector_search: 1.6, rerank: 2.1, llm_generation: 612.4, total: 640.9 },
    cache: { embedding: false },
    degraded: [],
    model: "gpt-4o-mini-2024-07-18",
    trace_id: TRACE,
  },
};

export const PROBLEM = {
  type: "urn:edge-rag:problem:invalid-request",
  title: "Invalid request",
  status: 400,
  detail: "The body failed validation: see /top_k.",
  stage: "validation",
  trace_id: TRACE,
  errors: [{ path: "/top_k", message: "Too big: expected number to be <=50" }],
};

/** Fields by their name, their path, or, where a name means several things, their schema and path. */
export const FIELDS: Readonly<Record<string, string>> = {
  "documents[].title": "Title shown in citations; defaults to the id.",
  "documents[].url": "URL of the document, returned with citations. It is never fetched.",
  "documents[].topic_ids": "Topics of the document, which `topic_ids` of a question select.",
  "documents[].metadata": "Values that `filter` of a question is matched against.",
  "EmbedRequest.documents": "The documents, with unique ids.",
  "EmbedResponse.documents": "The result for each document, in the order of the request.",
  "DeleteResponse.status": "The document was deleted.",
  "Problem.title": "A short title of the problem.",
  "Problem.status": "The status of the response.",
  "documents[].id": "The id from the request.",
  "documents[].status": "The result.",
  "documents[].chunks": "Number of chunks it is stored as.",
  "documents[].error": "Why it failed.",
  "dependencies[].name": "Name of the dependency.",
  "dependencies[].status": "Whether it responded.",
  "dependencies[].latency_ms": "How long the check took.",
  "dependencies[].needed": "Whether queries fail without it.",
  "dependencies[].error": "Says that the check failed; the log has the reason.",
  "telemetry.enabled": "Whether telemetry is on.",
  "telemetry.breaker": "Circuit breaker of the exporter: `open` sends nothing, `half_open` probes once; `none` without telemetry.",
  "telemetry.flush": "Number and duration of flushes.",
  "telemetry.flush.count": "Flushes since the process started.",
  "telemetry.flush.last_ms": "Duration of the last flush.",
  "telemetry.flush.max_ms": "Duration of the longest flush.",
  "errors[].path": "JSON Pointer (RFC 6901) to the field in the body.",
  "errors[].message": "What is wrong with the field.",
  "timings_ms.embedding": "Embedding the question.",
  "timings_ms.vector_search": "Vector and word search.",
  "timings_ms.rerank": "Reranking the hits.",
  "timings_ms.llm_generation": "Writing the answer.",
  "timings_ms.total": "The whole pipeline.",
  id: "The id from the request.",
  chunks: "Number of chunks that were deleted.",
  answer: "The answer, as plain text or Markdown.",
  citations: "Sources of the answer, best first.",
  document_id: "Document that the chunk belongs to.",
  chunk_id: "Id of the chunk; stable for the same content.",
  title: "Title of the document.",
  url: "URL of the document, if it has one.",
  usage: "Billed tokens; 0 with embedded parts.",
  prompt_tokens: "Input tokens.",
  completion_tokens: "Output tokens.",
  cost_usd: "Cost in US dollars; absent where the price of the model is unknown.",
  timings_ms: "Duration of each stage, in milliseconds.",
  cache: "What came from a cache.",
  model: "The model that wrote the answer, as its provider names it.",
  status: "`unavailable` when a needed dependency is down.",
  dependencies: "Every dependency; with `deep=1` only.",
  telemetry: "State of the telemetry exporter; with `deep=1` only.",
  type: "Type of the problem, as a URN.",
  detail: "What is wrong, for people. For a 5xx no more than the stage that failed.",
  stage: "The stage that failed.",
  errors: "Every invalid field.",
};
