/** Of OpenAI's chat completions (https://platform.openai.com/docs/api-reference/chat), what is read and written. */
import * as z from "zod/mini";
import { describe, maxLength } from "#http/field-schemas.ts";

const MAX_MESSAGES = 2_000;

/** Texts count; other parts are refused in the question, and ignored before it. */
const part = z.looseObject({ type: z.string(), text: z.optional(z.nullable(z.string())) });

const message = z.looseObject({
  role: z.enum(["system", "developer", "user", "assistant", "tool", "function"]),
  content: z.nullish(z.union([z.string(), z.array(part)], "must be a string, a list of parts, or null")),
});

const NO_TOOLS = "no tool is ever called: leave it out";
const TEXT_ALONE = "an answer is text: leave it out";

/**
 * Unknown fields are ignored, and so are the known ones that only ask for another wording, such as `temperature`. What
 * would change the meaning of the response, and cannot be had, is refused.
 */
export const chatRequest = z.looseObject({
  model: z
    .string()
    .check(maxLength(200), describe("`edge-rag`, or `edge-rag:topic-7` to search the documents with topic 7 alone.")),
  messages: z
    .array(message)
    .check(
      z.minLength(1),
      z.maxLength(MAX_MESSAGES),
      describe(
        "The last one of the user is the question, of at most 4,000 characters; those before it are its history. " +
          "System and developer messages, of 8,000 characters together, may set the language, tone, length and format.",
      ),
    ),
  stream: z.nullish(z.boolean()),
  stream_options: z.nullish(
    z.looseObject({
      include_usage: z.nullish(z.boolean()).check(describe("Send the usage before the stream ends.")),
    }),
  ),
  n: z.nullish(z.literal(1, "there is one answer: leave it out")),
  tool_choice: z.nullish(z.enum(["none", "auto"], NO_TOOLS)),
  function_call: z.nullish(z.enum(["none", "auto"], NO_TOOLS)),
  response_format: z.nullish(z.looseObject({ type: z.literal("text", TEXT_ALONE) })),
  modalities: z.nullish(z.array(z.literal("text", TEXT_ALONE))),
});

export type ChatRequest = z.output<typeof chatRequest>;
