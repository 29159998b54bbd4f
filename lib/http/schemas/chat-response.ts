/** What OpenAI's protocol responds with. Only described: the OpenAPI document alone imports it. */
import * as z from "zod/mini";
import { describe } from "#http/field-schemas.ts";
import { queryResponse } from "./responses.ts";

const count = z.int().check(z.gte(0));
const { citations, answered, degraded, feedback_token, trace_id, usage: billed } = queryResponse.shape;

/** The fields that messages of OpenAI do not have. */
const extras = { citations, answered, degraded, feedback_token };
const usage = z.object({ ...billed.shape, total_tokens: count });
const head = {
  id: z.string().check(describe("`chatcmpl-` and the trace id.")),
  created: count.check(describe("Seconds since 1970.")),
  model: z.string().check(describe("As requested.")),
};
const finishReason = z.enum(["stop", "length"]).check(describe("`length` when the token limit cut the answer."));

export const chatResponse = z.object({
  ...head,
  object: z.literal("chat.completion"),
  choices: z
    .array(
      z.object({
        index: z.literal(0),
        message: z.object({
          role: z.literal("assistant"),
          content: z.string().check(describe("The answer, with its `[1]`.")),
          refusal: z.null(),
          ...extras,
        }),
        logprobs: z.null(),
        finish_reason: finishReason,
      }),
    )
    .check(z.length(1)),
  usage,
});

export const chatChunk = z.object({
  ...head,
  object: z.literal("chat.completion.chunk"),
  choices: z.array(
    z.object({
      index: z.literal(0),
      delta: z.object({
        role: z.optional(z.literal("assistant").check(describe("In the first chunk alone."))),
        content: z.optional(z.string().check(describe("The next piece of the answer."))),
        citations: z.optional(
          citations.check(describe("In the chunk with the `finish_reason` alone, as the next three.")),
        ),
        answered: z.optional(answered),
        degraded: z.optional(degraded),
        feedback_token,
      }),
      logprobs: z.null(),
      finish_reason: z.nullable(finishReason),
    }),
  ),
  usage: z.optional(z.nullable(usage)),
});

export const model = z.object({
  id: z.string(),
  object: z.literal("model"),
  created: count,
  owned_by: z.string(),
});
export const modelList = z.object({ object: z.literal("list"), data: z.array(model) });

export const openAIError = z.object({
  error: z.object({
    message: z.string(),
    type: z.enum(["invalid_request_error", "requests", "server_error"]),
    param: z.nullable(z.string().check(describe("The parameter that is invalid, as `messages[0].content`."))),
    code: z.nullable(
      z
        .string()
        .check(
          describe(
            "`invalid_api_key`, `model_not_found`, `unknown_url`, `method_not_supported` or `rate_limit_exceeded`.",
          ),
        ),
    ),
    stage: z.optional(z.string()),
    trace_id,
  }),
});

export type ChatResponse = z.output<typeof chatResponse>;
export type ChatChunk = z.output<typeof chatChunk>;
export type Model = z.output<typeof model>;
export type ModelList = z.output<typeof modelList>;
export type OpenAIError = z.output<typeof openAIError>;
