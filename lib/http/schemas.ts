/**
 * The HTTP contract: validation and the OpenAPI document are both derived from these schemas. Those of responses are in
 * schemas/responses.ts, since functions only need their types.
 */

import * as z from "zod/mini";
import { question, retrievalFields } from "#http/schemas/question.ts";
import {
  atMost,
  describe,
  documentId,
  fewKeys,
  MAX_METADATA_KEYS,
  MAX_TOPICS,
  maxLength,
  metadataKey,
  notBlank,
  scalar,
  topics,
} from "./field-schemas.ts";
import { eitherQuestionOrMessages, messages } from "./schemas/messages.ts";

/** UTF-16 code units: about half a million English words. */
export const MAX_TEXT_LENGTH = 3_000_000;

const queryFields = z.strictObject({
  question: z.optional(question),
  messages: z.optional(messages),
  ...retrievalFields,
  stream: z.optional(
    z.boolean().check(describe("Respond with server-sent events; so does the header accept: text/event-stream.")),
  ),
});
export const queryRequest = queryFields.check(...eitherQuestionOrMessages);

export const embedDocument = z.strictObject({
  id: documentId,
  text: z.string().check(z.minLength(1), maxLength(MAX_TEXT_LENGTH), notBlank, describe("Markdown or plain text.")),
  title: z.optional(z.string().check(z.minLength(1), z.maxLength(1000))),
  url: z.optional(z.url({ protocol: /^https?$/, error: "must be an http or https URL" }).check(z.maxLength(2048))),
  topic_ids: z.optional(atMost(MAX_TOPICS, "items", topics)),
  metadata: z.optional(atMost(MAX_METADATA_KEYS, "keys", z.record(metadataKey, scalar).check(fewKeys))),
});

const fewDocuments = [z.minLength(1), z.maxLength(1000), z.meta({ uniqueItems: true })] as const;

/** For OpenAPI; `readEmbedRequest` validates in two steps. */
export const embedRequest = z.strictObject({ documents: z.array(embedDocument).check(...fewDocuments) });
/** An {@link embedRequest} whose documents are not yet validated. */
export const embedEnvelope = z.strictObject({ documents: z.array(z.unknown()).check(...fewDocuments) });

export const healthQuery = z.object({ deep: z.optional(z.enum(["0", "1"])) });

export type QueryRequest = z.output<typeof queryRequest>;
export type EmbedRequest = z.output<typeof embedRequest>;
