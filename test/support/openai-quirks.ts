import type { Failure } from "./openai-failure.ts";

type Json = Record<string, unknown>;
interface Message extends Json {
  content?: unknown;
}
interface Choice extends Json {
  message?: Message;
  delta?: Message | null;
  finish_reason?: string | null;
}
interface Completion extends Json {
  choices: Choice[];
}

/** How a server differs from OpenAI's in its chat completions. Everything is optional. */
export interface ChatQuirk {
  /** Refuses a request. */
  refuse?(body: Json): Failure | undefined;
  /** Changes the body of a completion that is not streamed. */
  whole?(completion: Completion): unknown;
  /** Changes the chunks of a stream. */
  chunks?(chunks: Completion[]): unknown[];
  /** Writes an event of the stream: `data: …` and an empty line by default. */
  event?(data: string): string;
  /** What the stream ends with: `[DONE]` by default. */
  done?: string;
  headers?: Record<string, string>;
  /** Returns the whole completion as JSON, streamed or not. */
  ignoresStream?: boolean;
}

/** Changes the message of a completion and the deltas of a stream in the same way; `isFirst` for the first text. */
function messages(change: (message: Message, isFirst: boolean) => Message): ChatQuirk {
  return {
    whole: ({ choices: [choice], ...rest }) => ({
      ...rest,
      choices: [{ ...choice, message: change(choice?.message ?? {}, true) }],
    }),
    chunks(chunks) {
      const first = chunks.findIndex(({ choices: [choice] }) => choice?.delta?.content);
      return chunks.map((chunk, index) => {
        const [choice] = chunk.choices;
        if (!choice?.delta?.content) return chunk;
        return { ...chunk, choices: [{ ...choice, delta: change(choice.delta, index === first) }] };
      });
    },
  };
}

/** Puts this text before the content. */
function before(text: string): ChatQuirk {
  return messages((message, isFirst) => ({ ...message, content: `${isFirst ? text : ""}${message.content}` }));
}

/** Refuses requests with a field, as OpenAI does unless another failure is given. */
function refuses(field: string, failure?: Failure): ChatQuirk {
  const message = `Unsupported parameter: '${field}' is not supported with this model.`;
  const error = { message, type: "invalid_request_error", param: field, code: "unsupported_parameter" };
  return { refuse: (body) => (field in body ? (failure ?? { kind: "status", status: 400, error }) : undefined) };
}

const finishless = (chunk: Completion) => ({
  ...chunk,
  choices: chunk.choices.map((choice) => ({ ...choice, finish_reason: null })),
});
const withUsage = (extra: Json) => (completion: Json) =>
  completion.usage ? { ...completion, usage: { ...(completion.usage as Json), ...extra } } : completion;
const failed = { error: { message: "Provider returned error", code: 502 } };

/** Quirks with which an answer is as it would be without them. */
export const CHAT_QUIRKS: Readonly<Record<string, ChatQuirk>> = {
  "content as one part": messages((message) => ({ ...message, content: [{ type: "text", text: message.content }] })),
  "content as parts, with thinking (Mistral's Magistral)": messages((message, isFirst) => ({
    ...message,
    content: [
      ...(isFirst ? [{ type: "thinking", thinking: [{ type: "text", text: "Is it [2]?" }] }] : []),
      { type: "text", text: message.content },
    ],
  })),
  "reasoning_content beside the content (DeepSeek, vLLM)": messages((message) => ({
    ...message,
    reasoning_content: "Is it [2]?",
  })),
  "reasoning beside the content (OpenRouter, Ollama)": messages((message) => ({ ...message, reasoning: "Is it [2]?" })),
  "thinking in <think> (Qwen)": before("<think>\nIs it [2]?\n</think>\n\n"),
  "empty thinking in <think>": before("<think>\n\n</think>\n\n"),
  "thinking in <thinking>": before("<thinking>Is it [2]? <b></thinking>"),
  "thinking in [THINK] (Mistral)": before("[THINK]Is it [2]?[/THINK]"),
  "a stream without a finish reason": { chunks: (chunks) => chunks.map(finishless) },
  "a stream without [DONE]": { done: "" },
  "a stream that goes on after [DONE]": { done: 'data: [DONE]\n\ndata: {"choices":[{"delta":{"content":"x"}}]}\n\n' },
  "lines that end in CR LF": { event: (data) => `data: ${data}\r\n\r\n` },
  "no space after the colon": { event: (data) => `data:${data}\n\n` },
  "comments that keep the connection (OpenRouter)": { event: (data) => `: OPENROUTER PROCESSING\n\ndata: ${data}\n\n` },
  "events with a name and an id": { event: (data) => `event: message\nid: 1\ndata: ${data}\n\n` },
  "events without data": { event: (data) => `data: \n\ndata: ${data}\n\n` },
  "a first chunk without a choice (Azure)": {
    chunks: (chunks) => [{ id: "", choices: [], prompt_filter_results: [{ prompt_index: 0 }] }, ...chunks],
  },
  "chunks without a delta": {
    chunks: (chunks) =>
      chunks.flatMap((chunk) => [chunk, { ...chunk, choices: [{ index: 0, delta: null }], usage: null }]),
  },
  "a stream as one JSON body": { ignoresStream: true },
  "a finish reason of its own": {
    whole: ({ choices, ...rest }) => ({
      ...rest,
      choices: choices.map((choice) => ({ ...choice, finish_reason: "eos" })),
    }),
    chunks: (chunks) =>
      chunks.map(({ choices, ...rest }) => ({
        ...rest,
        choices: choices.map((choice) => ({ ...choice, finish_reason: choice.finish_reason && "eos" })),
      })),
  },
  "no temperature (reasoning models)": refuses("temperature"),
  "no max_tokens (reasoning models)": refuses("max_tokens"),
  "no max_tokens and no max_completion_tokens": {
    refuse: (body) =>
      (refuses("max_tokens").refuse?.(body) ?? refuses("max_completion_tokens").refuse?.(body)) as Failure,
  },
  "no stream_options (Mistral)": refuses("stream_options", {
    ...{ kind: "body", status: 422 },
    text: '{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"]}]}}',
  }),
  "no streaming (OpenAI, for organizations that are not verified)": {
    ...refuses("stream", {
      ...{ kind: "status", status: 400 },
      error: {
        message: "Your organization must be verified to stream this model.",
        ...{ type: "invalid_request_error", param: "stream", code: "unsupported_value" },
      },
    }),
  },
  "no system role (Gemma)": {
    refuse: ({ messages }) =>
      (messages as Message[])[0]?.role === "system"
        ? { kind: "status", status: 400, error: { message: "System role not supported", type: "BadRequestError" } }
        : undefined,
  },
  "no temperature, no max_tokens, no stream_options": {
    refuse: (body) =>
      ["temperature", "max_tokens", "stream_options"].map((name) => refuses(name).refuse?.(body)).find(Boolean),
  },
  "cost in the usage (OpenRouter)": {
    whole: withUsage({ cost: 0.00125 }),
    chunks: (chunks) => chunks.map(withUsage({ cost: 0.00125 })),
  },
  "cost with a key of one's own (OpenRouter)": {
    whole: withUsage({ cost: 0.00025, is_byok: true, cost_details: { upstream_inference_cost: 0.001 } }),
    chunks: (chunks) =>
      chunks.map(withUsage({ cost: 0.00025, is_byok: true, cost_details: { upstream_inference_cost: 0.001 } })),
  },
  "an unknown cost with a key of one's own (OpenRouter)": {
    whole: withUsage({ cost: 0, is_byok: true, cost_details: { upstream_inference_cost: null } }),
    chunks: (chunks) => chunks.map(withUsage({ cost: 0, is_byok: true })),
  },
  "cost in a header (LiteLLM)": { headers: { "x-litellm-response-cost": "0.0012499999999999998" } },
  "cost 0 in a header, as for an unknown price (LiteLLM)": { headers: { "x-litellm-response-cost": "0.0" } },
};

/** Quirks with which there is no answer, and the code of the error. */
export const CHAT_FAILURES: Readonly<Record<string, [quirk: ChatQuirk, code: string]>> = {
  "an error with status 200 (OpenRouter)": [{ whole: () => failed, chunks: () => [failed], done: "" }, "HTTP_502"],
  "an error with status 200 and a code": [
    { whole: () => ({ error: { code: "overloaded" } }), chunks: () => [{ error: { code: "overloaded" } }] },
    "overloaded",
  ],
  "an error with status 200 as text": [
    { whole: () => ({ error: "model is loading" }), chunks: () => [{ error: "model is loading" }] },
    "error_in_stream",
  ],
  "an error with status 200 as JSON, streamed or not": [{ ignoresStream: true, whole: () => failed }, "HTTP_502"],
  "an error in a choice": [
    { whole: () => ({ choices: [failed] }), chunks: () => [{ choices: [{ delta: {}, ...failed }] }] },
    "HTTP_502",
  ],
  "an error as the finish reason": [
    {
      whole: ({ choices }) => ({ choices: [{ ...choices[0], finish_reason: "error" }] }),
      chunks: () => [{ choices: [{ delta: {}, finish_reason: "error" }] }],
    },
    "error_in_stream",
  ],
  "an event named error": [
    {
      whole: () => ({ error: { type: "overloaded_error" } }),
      chunks: () => [{ type: "overloaded_error" }],
      event: (data) => `event: error\ndata: ${data}\n\n`,
    },
    "overloaded_error",
  ],
  "reasoning in place of an answer": [
    messages((message) => ({ content: null, reasoning_content: message.content })),
    "empty_answer",
  ],
  "thinking that is not closed": [before("<think>"), "empty_answer"],
};
