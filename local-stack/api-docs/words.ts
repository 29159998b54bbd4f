/** Texts for docs/API.md beyond the OpenAPI document, which is kept small since a function serves it. */

import { CHAT_FIELDS, CHAT_OPERATIONS } from "./chat-words.ts";
import { MCP_FIELDS, MCP_OPERATIONS } from "./mcp-words.ts";

/** Texts of an operation. */
export interface OperationTexts {
  about: string;
  curl: string;
  /** The response to it, an example of its schema. */
  response?: object;
}

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const TOKEN = "AQBq-xQMS_kvNXezTaajzpKdDg5HNgDwZ6oLqQK3AWZ0ZxH1nq0nTBmVYVvJ8y0dRkTg2f3sXyqLwU7c5mPa";

export const OPERATIONS: Readonly<Record<string, OperationTexts>> = {
  query: {
    about:
      "Answers a question from the documents. Citations are the retrieved chunks, best first; `[1]` in the answer refers to the citation with `index` 1. If a filter matches nothing, the answer has no citations and states that; it never uses other documents. If the documents do not answer, `answered` is false and the answer says so; without a language model it also names the nearest sections. When the service of an optional stage is down, the query continues without it and `degraded` lists the stage ([Reliability](RELIABILITY.md#degraded-modes)).",
    curl: `curl -s http://localhost:3000/query -H 'content-type: application/json' -d '{
  "question": "When do unused days expire?",
  "topic_ids": [7],
  "filter": {"lang": ["en", "de"]},
  "top_k": 3
}'`,
    response: {
      answer: "Unused days expire in March. [1]",
      answered: true,
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
      usage: { prompt_tokens: 412, completion_tokens: 9, cost_usd: 0.0000457 },
      timings_ms: { embedding: 24.3, vector_search: 1.6, rerank: 2.1, llm_generation: 612.4, total: 640.9 },
      cache: { embedding: false },
      degraded: [],
      model: "gpt-6-luna",
      feedback_token: TOKEN,
      trace_id: TRACE,
    },
  },
  search: {
    about:
      "Finds what an answer would be made of, and makes none: the same search and the same order as for a query, and no language model is called. Takes the fields of a query but `stream` and `messages`. If a filter matches nothing, there are no citations. The embedding model, where it is a service, is called as for a query; its tokens are [counted](OBSERVABILITY.md#usage-and-cost) and not part of the response. When the service of an optional stage is down, the search continues without it and `degraded` lists the stage.",
    curl: `curl -s http://localhost:3000/search -H 'content-type: application/json' -d '{
  "question": "When do unused days expire?",
  "topic_ids": [7],
  "top_k": 3
}'`,
    response: {
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
      timings_ms: { embedding: 24.3, vector_search: 1.6, rerank: 2.1, total: 28.1 },
      cache: { embedding: false },
      degraded: [],
      trace_id: TRACE,
    },
  },
  embed: {
    about:
      "Adds documents, or replaces those with the same id. The request is idempotent: ids and versions are derived from the content, so resending an unchanged document changes and embeds nothing. Each document is stored completely or not at all. A document that fails does not affect the others: the response status is 200, and the document's `status` is `failed`. [Adding documents](INGEST.md) has examples with topics and metadata.",
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
    response: {
      documents: [{ id: "handbook/leave.md", status: "created", chunks: 1 }],
      usage: { prompt_tokens: 17 },
      trace_id: TRACE,
    },
  },
  listDocuments: {
    about:
      "Lists the stored documents, without their text: those of the key's tenant, and for a read-only key those of its topics. The order is the store's own: by id in SQLite, none in Qdrant. Follow `next_cursor` until it is absent. A document that changes meanwhile may be missing.",
    curl: "curl -s 'http://localhost:3000/embed?prefix=handbook%2F&limit=50'",
    response: {
      documents: [
        { id: "handbook/leave.md", title: "Leave", topic_ids: [7], chunks: 1, updated_at: "2026-11-29T18:00:00.000Z" },
      ],
      trace_id: TRACE,
    },
  },
  getDocument: {
    about:
      "Gives a document with its metadata and its chunks, page by page: follow `next_cursor` until it is absent. The text is that of the chunks, not the text that was sent: they leave out what is not visible, and what lies between two chunks. When the document is replaced meanwhile, `updated_at` differs between the pages. The id in the path is percent-encoded; slashes may be left as they are. A document of another tenant, or for a read-only key of other topics, responds with 404 like one that does not exist.",
    curl: "curl -s 'http://localhost:3000/embed/handbook%2Fleave.md?limit=50'",
    response: {
      id: "handbook/leave.md",
      title: "Leave",
      url: "https://example.com/handbook/leave",
      topic_ids: [7],
      chunks: 1,
      updated_at: "2026-11-29T18:00:00.000Z",
      metadata: { lang: "en" },
      content: [
        {
          chunk_id: "0d1b6c0e9a7f4e52",
          position: 0,
          heading: "",
          text: "Everyone has 30 days of leave a year. Unused days expire in March.",
        },
      ],
      trace_id: TRACE,
    },
  },
  deleteDocument: {
    about:
      "Removes a document and all its chunks. The id in the path is percent-encoded; slashes may be left as they are.",
    curl: "curl -s -X DELETE http://localhost:3000/embed/handbook%2Fleave.md",
    response: { id: "handbook/leave.md", status: "deleted", chunks: 1, trace_id: TRACE },
  },
  health: {
    about:
      "Liveness check: responds within a few milliseconds, without a key and without calling other services. With `deep=1` it is a readiness check, which calls every dependency with a timeout of two seconds, reports its status and latency, and responds with 503 when one that is needed is down; it requires a key if the service has keys. `telemetry` and `usage` are those of the health function's own process.",
    curl: "curl -s 'http://localhost:3000/health?deep=1'",
    response: {
      status: "ok",
      dependencies: [
        { name: "store (sqlite)", status: "ok", latency_ms: 0.4, needed: true },
        { name: "embedder (all-MiniLM-L6-v2)", status: "ok", latency_ms: 14.2, needed: true },
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
  rateAnswer: {
    about:
      "Takes a reader's rating of an answer: with the `feedback_token` and `trace_id` of the answer, once, and as long as the token is valid, an hour by default ([Configuration](CONFIGURATION.md#feedback)). It counts in `rag_feedback_total`, and its span links to the answer's ([Observability](OBSERVABILITY.md#spans)). Of a completion the token is a field of the message, and `id` ends with the trace id; of an MCP result it is in `_meta`.",
    curl: `curl -s http://localhost:3000/feedback -H 'content-type: application/json' -d '{
  "trace_id": "${TRACE}",
  "token": "${TOKEN}",
  "rating": -1,
  "comment": "It does not say in which year."
}'`,
    response: { trace_id: "5b8aa5a2d2c872e8321cf37308d69df2" },
  },
  ...CHAT_OPERATIONS,
  ...MCP_OPERATIONS,
  openapi: {
    about: "The OpenAPI 3.1 description of this API, for client generators and validators. Requires no key.",
    curl: "curl -s http://localhost:3000/openapi.json",
  },
};

/** A question with what was said before it. */
export const CONVERSATION = {
  about:
    "Send `messages` in place of `question`, the user's question last. A follow-up, which cannot be understood without the messages before it, is made a question that stands alone: by the language model, or without one by a rule ([decision 0032](decisions/0032-conversations.md)). Search, answer cache and the prompt of the answer have that question and nothing else of the conversation; the response has it as `rewritten_question`. Of the messages before the question the last six are read, up to 1,000 characters of each; a question of more than 1,000 characters is never changed. No conversation is stored: send it with each question.",
  curl: `curl -s http://localhost:3000/query -H 'content-type: application/json' -d '{
  "messages": [
    {"role": "user", "content": "How many days of leave do I have?"},
    {"role": "assistant", "content": "Everyone has 30 days of leave a year. [1]"},
    {"role": "user", "content": "and when do they expire?"}
  ]
}'`,
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
    answered: true,
    usage: { prompt_tokens: 412, completion_tokens: 9, cost_usd: 0.0000457 },
    timings_ms: { embedding: 24.3, vector_search: 1.6, rerank: 2.1, llm_generation: 612.4, total: 640.9 },
    cache: { embedding: false },
    degraded: [],
    model: "gpt-6-luna",
    feedback_token: TOKEN,
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

/** Descriptions by field name, by path, or by schema and path where a name is ambiguous. */
export const FIELDS: Readonly<Record<string, string>> = {
  "documents[].title": "Title shown in citations; defaults to the id.",
  "documents[].url": "URL of the document, included in citations. It is never fetched.",
  "documents[].topic_ids": "Topics of the document, for `topic_ids` of a query.",
  "documents[].metadata": "Values for `filter` of a query.",
  "EmbedRequest.documents": "The documents, with distinct ids.",
  "EmbedResponse.documents": "The result for each document, in the order of the request.",
  "DeleteResponse.status": "The document was removed.",
  "ListResponse.documents": "The documents.",
  "DocumentResponse.id": "The id of the document.",
  "DocumentResponse.metadata": "The values that it was sent with.",
  "content[].heading": 'The headings above the chunk, outermost first, joined by " > "; empty for none.',
  "content[].text": "The text of the chunk.",
  "SearchResponse.citations": "The chunks that were found, best first.",
  "SearchResponse.timings_ms.total": "The whole search.",
  "Problem.title": "Short description of the type.",
  "Problem.status": "The HTTP status of the response.",
  "documents[].id": "The id from the request.",
  "documents[].status": "The result for the document.",
  "documents[].chunks": "Number of its chunks.",
  "documents[].error": "Why the document failed.",
  "dependencies[].name": "The dependency.",
  "dependencies[].status": "Whether it is available.",
  "dependencies[].latency_ms": "Latency of the check in milliseconds.",
  "dependencies[].needed": "Whether queries fail without it.",
  "dependencies[].error": "A generic error; the log has the reason.",
  "telemetry.enabled": "Whether telemetry is enabled.",
  "telemetry.breaker":
    "State of the exporter's circuit breaker: `open` sends nothing, `half_open` one trial request; `none` without telemetry.",
  "telemetry.flush": "Number and duration of flushes.",
  "telemetry.flush.count": "Flushes since the process started.",
  "telemetry.flush.last_ms": "Duration of the last flush in milliseconds.",
  "telemetry.flush.max_ms": "Duration of the longest flush in milliseconds.",
  "errors[].path": "JSON Pointer (RFC 6901) to the field in the body.",
  "errors[].message": "Why the field is invalid.",
  "timings_ms.query_rewrite": "Rewriting a follow-up; only for a question with messages before it.",
  "timings_ms.embedding": "Embedding the question.",
  "timings_ms.vector_search": "Searching the vector store.",
  "timings_ms.rerank": "Reranking the results.",
  "timings_ms.llm_generation": "Generating the answer.",
  "timings_ms.total": "The whole query.",
  id: "The id from the request.",
  chunks: "Number of removed chunks.",
  answer: "The answer, as plain text or Markdown.",
  "highlights[].start": "UTF-16 code unit that it starts at.",
  "highlights[].end": "UTF-16 code unit that it ends before.",
  citations: "The sources of the answer, best first.",
  document_id: "Document of the chunk.",
  chunk_id: "Id of the chunk; stable for the same content.",
  title: "Title of the document.",
  url: "URL of the document, if it has one.",
  usage: "Billed tokens; 0 with the embedded providers.",
  prompt_tokens: "Input tokens.",
  completion_tokens: "Output tokens.",
  cost_usd: "Cost in US dollars; absent if the model's price is unknown.",
  timings_ms: "Duration of each stage in milliseconds.",
  cache: "Cache hits.",
  model: "The model that generated the answer, as named by its provider.",
  status: "Health of the service; `unavailable` when a needed dependency is down.",
  dependencies: "The dependencies; only with `deep=1`.",
  telemetry: "State of the telemetry exporter; only with `deep=1`.",
  type: "The problem type, a URN.",
  detail: "Human-readable explanation. For a 5xx, it names only the failed stage.",
  stage: "The stage that failed.",
  errors: "The invalid fields.",
  ...CHAT_FIELDS,
  ...MCP_FIELDS,
};
