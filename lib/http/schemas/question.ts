/** The fields of a question, which requests of several routes have. */

import * as z from "zod/mini";
import {
  atMost,
  describe,
  fewKeys,
  MAX_METADATA_KEYS,
  MAX_TOPICS,
  maxLength,
  metadataKey,
  notBlank,
  scalar,
  topicIds,
  UNSAFE_NUMBER,
} from "#http/field-schemas.ts";
import { CANDIDATES } from "#rag/search.ts";
import { MAX_QUESTION_LENGTH } from "./messages.ts";

const DEFAULT_TOP_K = 5;
const MAX_FILTER_VALUES = 100;

export const question = z
  .string()
  .check(z.minLength(1), maxLength(MAX_QUESTION_LENGTH), notBlank, describe("The question, in plain words."));

/** What is searched, and how much of it is cited. */
export const retrievalFields = {
  topic_ids: z.optional(atMost(MAX_TOPICS, "items", topicIds)),
  top_k: z._default(
    z.int().check(z.gte(1), z.lte(CANDIDATES), describe("Maximum number of citations.")),
    DEFAULT_TOP_K,
  ),
  filter: z.optional(
    atMost(
      MAX_METADATA_KEYS,
      "keys",
      z
        .record(
          metadataKey,
          z.union([scalar, atMost(MAX_FILTER_VALUES, "items", z.array(scalar).check(z.maxLength(MAX_FILTER_VALUES)))], {
            error: ({ input }) =>
              typeof input === "number"
                ? UNSAFE_NUMBER
                : `must be a string, a number, a boolean, or a list of at most ${MAX_FILTER_VALUES} of them`,
          }),
        )
        .check(
          fewKeys,
          describe(
            "Metadata that every cited document must have: for each key a value, or a list of accepted values. " +
              "An empty filter or an empty list matches nothing.",
          ),
        ),
    ),
  ),
  min_score: z.optional(z.number().check(z.gte(0), z.lte(1), describe("Drops citations with a lower score."))),
};
