/** What the OpenAPI document does not say: it is served by a function, where each byte counts. */

/** Of each route: what it is for, and one request with its answer. */
export interface Words {
  about: string;
  curl: string;
  /** The answer to it, as an example of its schema. */
  answer?: object;
}

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

export const WORDS: Readonly<Record<string, Words>> = {
  query: {
    about:
      "Finds what the documents say about a question and answers from it. Citations are what was found, best first; `[1]` in the answer points at the citation with `index` 1. A filter that matches nothing gets an answer without citations that says so, never one from other documents. A query may go on without a stage whose service is down: `degraded` then names it ([Reliability](RELIABILITY.md#what-a-query-does-without)).",
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
      "Adds documents, or replaces those that have the same id. It may be repeated: ids and versions are made from the content, so what was sent before changes nothing and embeds nothing. Each document is stored whole or not at all, and one that fails does not fail the others: the status is 200, and its own `status` says `failed`.",
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
    about: "Removes a document and all of its chunks. Its id goes percent-encoded into the path; slashes need not be.",
    curl: "curl -s -X DELETE http://localhost:3000/embed/handbook%2Fleave.md",
    answer: { id: "handbook/leave.md", status: "deleted", chunks: 1, trace_id: TRACE },
  },
  health: {
    about:
      "Says that the function is alive, and asks nothing else, in a few milliseconds and without a key. With `deep=1` it asks every dependency for at most two seconds, and needs a key where there are keys. What it says of telemetry and usage is of the health function's own process.",
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
    about: "This API as an OpenAPI 3.1 document, for generators of clients and for validators. It needs no key.",
    curl: "curl -s http://localhost:3000/openapi.json",
  },
};

/** What the streamed answer to the question above looks like. */
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
  detail: "The body does not fit: see /top_k.",
  stage: "validation",
  trace_id: TRACE,
  errors: [{ path: "/top_k", message: "Too big: expected number to be <=50" }],
};

/** Fields by their name, their path, or their schema and path, where a name means several things. */
export const FIELDS: Readonly<Record<string, string>> = {
  "documents[].title": "What citations call it; the id where there is none.",
  "documents[].url": "Where it can be read; citations carry it. It is never fetched.",
  "documents[].topic_ids": "Topics that it belongs to, for `topic_ids` of a question.",
  "documents[].metadata": "What `filter` of a question compares with.",
  "EmbedRequest.documents": "The documents, each with an id of its own.",
  "EmbedResponse.documents": "What became of each document, in the order that they were sent in.",
  "DeleteResponse.status": "It is gone.",
  "Problem.title": "The same, in words.",
  "Problem.status": "The status of the response.",
  "documents[].id": "The id that was sent.",
  "documents[].status": "What became of it.",
  "documents[].chunks": "How many chunks it is stored as.",
  "documents[].error": "Why it failed.",
  "dependencies[].name": "What was asked.",
  "dependencies[].status": "Whether it answered.",
  "dependencies[].latency_ms": "How long it took.",
  "dependencies[].needed": "Whether queries fail without it.",
  "dependencies[].error": "That it failed; the log says why.",
  "telemetry.enabled": "Whether telemetry is on.",
  "telemetry.breaker": "Whether the collector is asked: `open` is not, `half_open` once; `none` without telemetry.",
  "telemetry.flush": "How often telemetry was sent, and how long that took.",
  "telemetry.flush.count": "Flushes since the process started.",
  "telemetry.flush.last_ms": "How long the last one took.",
  "telemetry.flush.max_ms": "How long the longest took.",
  "errors[].path": "JSON Pointer (RFC 6901) to the field in the body.",
  "errors[].message": "What is wrong with it.",
  "timings_ms.embedding": "Making the question's vector.",
  "timings_ms.vector_search": "Searching.",
  "timings_ms.rerank": "Ordering what was found.",
  "timings_ms.llm_generation": "Writing the answer.",
  "timings_ms.total": "All of it.",
  id: "The id that was sent.",
  chunks: "How many chunks were removed.",
  answer: "The answer, as plain text or Markdown.",
  citations: "What the answer is made from, best first.",
  document_id: "Document that the chunk is of.",
  chunk_id: "Id of the chunk; the same content keeps it.",
  title: "Title of the document.",
  url: "URL of the document, if it has one.",
  usage: "Tokens that a provider bills; 0 with embedded parts.",
  prompt_tokens: "Tokens that were sent.",
  completion_tokens: "Tokens that were written.",
  cost_usd: "US dollars; absent where the model's price is not known.",
  timings_ms: "Milliseconds by stage.",
  cache: "What came from a cache.",
  model: "The model that answered, as its provider names it.",
  status: "Whether it answers; `unavailable` when a needed dependency is down.",
  dependencies: "Each dependency; with `deep=1` only.",
  telemetry: "How telemetry leaves; with `deep=1` only.",
  type: "What kind of problem it is, as a URN.",
  detail: "What is wrong, for people. Of a 5xx never more than which stage failed.",
  stage: "The stage that failed.",
  errors: "Every field that does not fit.",
};
