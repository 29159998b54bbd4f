/** Readers' ratings of answers. */

import * as z from "zod/mini";
import { describe, maxLength } from "#http/field-schemas.ts";

/** UTF-16 code units. */
const MAX_COMMENT_LENGTH = 2_000;

export const feedbackRequest = z.strictObject({
  trace_id: z
    .string()
    .check(z.regex(/^[0-9a-f]{32}$/, "must be 32 lower-case hex digits"), describe("`trace_id` of the answer.")),
  rating: z.literal([1, -1], { error: "must be 1 or -1" }).check(describe("1: the answer helped; -1: it did not.")),
  comment: z.optional(z.string().check(maxLength(MAX_COMMENT_LENGTH), describe("Why, in the reader's words."))),
  token: z.string().check(maxLength(200), describe("`feedback_token` of the answer.")),
});
