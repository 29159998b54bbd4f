/** The fields that requests share. */

import * as z from "zod/mini";
import en from "zod/v4/locales/en.js";

z.config(en());

export const MAX_METADATA_KEYS = 64;
export const MAX_TOPICS = 100;

/** Patterns are part of the OpenAPI document, also for languages that know no `\p{Cc}`, lookahead or surrogates. */
const CONTROLS = "\\u0000-\\u001f\\u007f-\\u009f";
const NO_CONTROLS = new RegExp(`^[^${CONTROLS}]+$`);
/** Line separators and bidirectional controls make an id look like another. */
const PLAIN = new RegExp(`^[^${CONTROLS}\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]+$`);
/** What a URL parser reads as "." or ".." (https://url.spec.whatwg.org/#double-dot-path-segment). */
const DOT_SEGMENT = /(^|[/\\])(\.|%2[eE]){1,2}([/\\]|$)/;
const INVALID_ID =
  "must have no control characters, line separators or bidirectional controls, and no '.' or '..' path segments, " +
  "percent-encoded or not";

export const notBlank = z.regex(/\S/, "must not be blank");
/** A bundle has no descriptions: `#deploy/bundle/openapi.ts` inlines the document that shows them. */
export const describe = (description?: string) => z.meta(description === undefined ? {} : { description });
/** Later checks are skipped: their time may depend on the length. */
export const maxLength = (length: number) => z.maxLength(length, { abort: true });

/** The schema, applied only to a list or an object with few enough items: counted before any of them is validated. */
export function atMost<Output, Input>(max: number, items: "items" | "keys", schema: z.ZodMiniType<Output, Input>) {
  const counted = z.transform<unknown, Input>((value, { issues }) => {
    if (typeof value === "object" && value !== null && Object.keys(value).length > max) {
      issues.push({ code: "custom", input: value, message: `must have at most ${max} ${items}` });
    }
    return value as Input;
  });
  return z.pipe(counted as z.ZodMiniType<Input>, schema);
}

export const topics = z.array(z.int()).check(z.maxLength(MAX_TOPICS));
export const topicIds = topics.check(
  describe("Only documents with at least one of these topics. An empty list matches nothing."),
);
/** Greater numbers are integers whose neighbours are the same number in JavaScript. */
export const UNSAFE_NUMBER =
  "must be a number from -9007199254740991 to 9007199254740991: send greater ones as strings";
const safeNumber = z
  .number()
  .check(z.gte(Number.MIN_SAFE_INTEGER, UNSAFE_NUMBER), z.lte(Number.MAX_SAFE_INTEGER, UNSAFE_NUMBER));
export const scalar = z.union([z.string().check(z.maxLength(1000)), safeNumber, z.boolean()], {
  error: ({ input }) => (typeof input === "number" ? UNSAFE_NUMBER : "must be a string, a number or a boolean"),
});
export const metadataKey = z
  .string()
  .check(z.minLength(1), maxLength(128), z.regex(NO_CONTROLS, "must have no control characters"));
export const fewKeys = z.meta({ maxProperties: MAX_METADATA_KEYS });
export const documentId = z.string().check(
  z.minLength(1),
  maxLength(512),
  z.regex(PLAIN, { error: INVALID_ID, abort: true }),
  z.refine((id) => id.isWellFormed() && !DOT_SEGMENT.test(id), { error: INVALID_ID }),
  z.meta({ not: { pattern: DOT_SEGMENT.source } }),
  describe(
    "Your own id for the document; sending another document with this id replaces it. Without control characters, " +
      "line separators, bidirectional controls and '.' or '..' segments (also as %2e, also between backslashes).",
  ),
);
