/** The responses of the HTTP contract, for the OpenAPI document and for clients. */

import * as z from "zod/mini";
import { describe } from "#http/field-schemas.ts";

export const traceId = z.string().check(z.regex(/^[0-9a-f]{32}$/), describe("W3C trace id of this request."));
const milliseconds = z.number().check(z.gte(0));
export const count = z.int().check(z.gte(0));

const citation = z.object({
  index: z.int().check(z.gte(1), describe("The number that the answer cites it by: [1].")),
  document_id: z.string(),
  chunk_id: z.string(),
  title: z.string(),
  url: z.optional(z.string()),
  score: z.number().check(describe("Relevance in [0, 1]; higher is better.")),
  text: z
    .string()
    .check(
      describe(
        "The quoted chunk: a slice of the document. A part of a table has its header, a part of code its fence.",
      ),
    ),
});

const degraded = z
  .array(z.string())
  .check(describe("Stages that failed and were skipped: cache, query_rewrite, embedding, rerank."));

const rewrittenQuestion = z.optional(
  z.string().check(describe("The question that was answered: the last message, changed so that it stands alone.")),
);

const usage = z.object({ prompt_tokens: count, completion_tokens: count, cost_usd: z.optional(z.number()) });

const embeddingHit = z.boolean().check(describe("The question's vector came from the cache."));

export const queryResponse = z.object({
  answer: z.string(),
  rewritten_question: rewrittenQuestion,
  answered: z
    .boolean()
    .check(describe("Whether the documents answer the question; if false, `answer` says that they do not.")),
  highlights: z.optional(
    z
      .array(z.object({ start: count, end: count }))
      .check(describe("Where `answer` has words of the question: from `start` to before `end`.")),
  ),
  citations: z.array(citation),
  usage,
  timings_ms: z.object({
    query_rewrite: z.optional(milliseconds),
    embedding: milliseconds,
    vector_search: milliseconds,
    rerank: milliseconds,
    llm_generation: milliseconds,
    total: milliseconds,
  }),
  cache: z.object({
    embedding: embeddingHit,
    answer: z.optional(
      z.boolean().check(describe("The whole answer came from the cache. Absent when answers are not cached.")),
    ),
  }),
  degraded,
  model: z.string(),
  feedback_token: z.optional(
    z.string().check(describe("Lets the reader rate the answer once. Absent when answers cannot be rated.")),
  ),
  trace_id: traceId,
});

/** The `data` of the events of a streamed answer, in this order; `delta` is sent any number of times. */
export const queryEvents = {
  citations: z.object({
    citations: z.array(citation),
    rewritten_question: rewrittenQuestion,
    degraded,
    trace_id: traceId,
  }),
  delta: z.object({ text: z.string().check(describe("The next piece of the answer.")) }),
  done: z.omit(queryResponse, { citations: true }),
};

export const feedbackResponse = z.object({ trace_id: traceId });

export const embedResponse = z.object({
  documents: z.array(
    z.object({
      id: z.string(),
      status: z.enum(["created", "updated", "unchanged", "failed"]),
      chunks: count,
      error: z.optional(z.string()),
    }),
  ),
  usage: z.object({ prompt_tokens: count }),
  trace_id: traceId,
});

export const healthResponse = z.object({
  status: z.enum(["ok", "unavailable"]),
  dependencies: z.optional(
    z.array(
      z.object({
        name: z.string(),
        status: z.enum(["ok", "unavailable"]),
        latency_ms: milliseconds,
        needed: z.boolean(),
        error: z.optional(z.string()),
      }),
    ),
  ),
  telemetry: z.optional(
    z.object({
      enabled: z.boolean(),
      exported: count.check(describe("Spans and data points accepted by the collector since the process started.")),
      retained: count.check(describe("Spans and data points waiting to be sent or retried.")),
      dropped: count.check(describe("Spans and data points that were lost.")),
      breaker: z.enum(["closed", "open", "half_open", "none"]),
      flush: z.object({ count, last_ms: milliseconds, max_ms: milliseconds }),
      refused: z.optional(
        z
          .array(
            z.object({
              signal: z.enum(["traces", "metrics"]).check(describe("What is refused.")),
              reason: z.string().check(describe('An HTTP status, the code of a TLS error, or "rejected".')),
              advice: z.string().check(describe("What to do about it.")),
              since: z.string().check(describe("When it began, as an ISO 8601 date and time.")),
            }),
          )
          .check(
            describe("The signals whose last request the collector refused, all of it or a part; absent if none."),
          ),
      ),
    }),
  ),
  usage: z.optional(
    z.object({
      ...usage.shape,
      requests: count.check(describe("Billed model calls since the process started.")),
      unpriced_requests: count.check(describe("Calls whose price is unknown; not included in cost_usd.")),
    }),
  ),
  trace_id: traceId,
});

export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  stage: z.optional(z.string()),
  trace_id: traceId,
  errors: z.optional(
    z
      .array(z.object({ path: z.string(), message: z.string() }))
      .check(z.maxLength(20), describe("The first invalid fields.")),
  ),
  errors_total: z.optional(count.check(describe("How many fields are invalid, when not all are listed."))),
  citations: z.optional(z.array(citation).check(describe("What was found, when only the language model failed."))),
  degraded: z.optional(degraded),
});

export const searchResponse = z.object({
  citations: z.array(citation),
  timings_ms: z.object({
    embedding: milliseconds,
    vector_search: milliseconds,
    rerank: milliseconds,
    total: milliseconds,
  }),
  cache: z.object({ embedding: embeddingHit }),
  degraded: z.array(z.string()).check(describe("Stages that failed and were skipped: cache, embedding, rerank.")),
  trace_id: traceId,
});

export type QueryResponse = z.output<typeof queryResponse>;
export type QueryEvents = { [Name in keyof typeof queryEvents]: z.output<(typeof queryEvents)[Name]> };
export type FeedbackResponse = z.output<typeof feedbackResponse>;
export type EmbedResponse = z.output<typeof embedResponse>;
export type HealthResponse = z.output<typeof healthResponse>;
export type Problem = z.output<typeof problem>;
export type SearchResponse = z.output<typeof searchResponse>;
