/** Reading and removing stored documents. */

import * as z from "zod/mini";
import { describe, documentId, maxLength, scalar } from "#http/field-schemas.ts";
import { count, traceId } from "./responses.ts";

/** With the longest fields, as many fill the 6 MB that a Lambda function may return. */
const MAX_LISTED = 500;
/** More could make a request line that a server refuses. */
const MAX_LISTED_TOPICS = 20;
const MAX_CHUNKS = 500;

const cursor = z.optional(
  z.string().check(maxLength(4096), z.regex(/^[\w-]*$/), describe("The `next_cursor` of the page before.")),
);

export const listQuery = z.strictObject({
  prefix: z.optional(z.string().check(maxLength(512), describe("Only documents whose id begins with it."))),
  topic: z.optional(
    z
      .array(z.int())
      .check(z.maxLength(MAX_LISTED_TOPICS), describe("Only documents with this topic; repeat it for any of several.")),
  ),
  limit: z._default(z.int().check(z.gte(1), z.lte(MAX_LISTED), describe("Maximum number of documents.")), 100),
  cursor,
});

export const documentPath = z.strictObject({ document_id: documentId });

export const documentQuery = z.strictObject({
  limit: z._default(z.int().check(z.gte(1), z.lte(MAX_CHUNKS), describe("Maximum number of chunks.")), 100),
  cursor,
});

const listed = {
  id: z.string(),
  title: z.string(),
  url: z.optional(z.string()),
  topic_ids: z.array(z.int()).check(describe("Those that the API key may read.")),
  chunks: count.check(describe("How many chunks the document has.")),
  updated_at: z.optional(
    z
      .string()
      .check(
        z.meta({ format: "date-time" }),
        describe("When this version was stored; absent if that was before Edge RAG recorded it."),
      ),
  ),
};

export const listResponse = z.object({
  documents: z.array(z.object(listed)),
  next_cursor: z.optional(
    z
      .string()
      .check(describe("There may be more: send it as `cursor`. A page may be short, even empty, before the last.")),
  ),
  trace_id: traceId,
});

export const documentResponse = z.object({
  ...listed,
  metadata: z.record(z.string(), scalar),
  content: z
    .array(
      z.object({
        chunk_id: z.string(),
        position: count.check(describe("Place in the document, from 0.")),
        heading: z.string().check(describe('The headings above it, outermost first, joined by " > "; "" for none.')),
        text: z.string(),
      }),
    )
    .check(describe("The chunks of this page, in the order of the document.")),
  next_cursor: z.optional(z.string().check(describe("There are more chunks: send it as `cursor`."))),
  trace_id: traceId,
});

export const deleteResponse = z.object({
  id: z.string(),
  status: z.literal("deleted"),
  chunks: count,
  trace_id: traceId,
});

export type ListResponse = z.output<typeof listResponse>;
export type DocumentResponse = z.output<typeof documentResponse>;
export type DeleteResponse = z.output<typeof deleteResponse>;
