/** Searching without an answer. */

import * as z from "zod/mini";
import { describe } from "#http/field-schemas.ts";
import { citation, embeddingHit, milliseconds, traceId } from "#http/schemas.ts";
import { question, retrievalFields } from "./question.ts";

export const searchRequest = z.strictObject({ question, ...retrievalFields });

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

export type SearchResponse = z.output<typeof searchResponse>;
