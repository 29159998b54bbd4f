import { _iterSSEMessages } from "openai/core/streaming";
import { fieldOf } from "#providers/service/json-fields.ts";
import { OpenAIServiceError, throwIfError } from "./error.ts";
import { costOf, reasoningTokensOf, tokensOf } from "./usage.ts";

/** A chat completion, whether streamed or not. */
export interface Completion {
  content: string;
  /** The model's refusal message, or "". */
  refusal: string;
  /** Whether the model reasoned outside of the content. */
  reasoned: boolean;
  /** "unknown" when the service does not return it. */
  finishReason: string;
  /** 0 when the service does not report usage. */
  promptTokens: number;
  completionTokens: number;
  /** US dollars; `undefined` when the service does not return it. */
  costUsd: number | undefined;
  /** The model that responded; `undefined` when the service does not return it. */
  model: string | undefined;
}

/**
 * Reads the response of a chat completion request.
 *
 * @param service for the message: a model at a host
 * @throws OpenAIServiceError when the response has no choices; APIError when it is an error
 */
export function readCompletion(service: string, { data, headers }: { data: unknown; headers: Headers }): Completion {
  throwIfError(data, headers);
  if (firstChoice(data) === undefined) {
    throw new OpenAIServiceError(`${service} returned no choices`, { code: "unexpected_answer" });
  }
  const completion = emptyCompletion(headers);
  add(completion, data, headers);
  completion.finishReason ||= "unknown";
  return completion;
}

/**
 * Reads a streamed chat completion: server-sent events, or one JSON body of a server that does not stream.
 *
 * @param onContent called with each piece of the content
 * @returns `undefined` when the stream ends with neither a finish reason nor `[DONE]`: the connection was cut
 * @throws APIError for an error in the stream, with a status only when no content came before it
 */
export async function readStream(
  response: Response,
  onContent: (piece: string) => void,
): Promise<Completion | undefined> {
  const { headers } = response;
  const completion = emptyCompletion(headers);
  const read = (chunk: unknown): void => {
    const piece = add(completion, chunk, headers);
    if (piece) onContent(piece);
  };
  let isComplete = false;
  if (/\bjson\b/.test(headers.get("content-type") ?? "")) {
    const whole: unknown = await response.json();
    read(whole);
    isComplete = firstChoice(whole) !== undefined;
  } else {
    for await (const { event, data } of _iterSSEMessages(response, new AbortController())) {
      // What follows is read, so that the connection can be used again, and ignored.
      isComplete ||= data.startsWith("[DONE]");
      if (isComplete || data.trim() === "") continue;
      const chunk: unknown = JSON.parse(data);
      read(event === "error" && !fieldOf(chunk, "error") ? { error: chunk } : chunk);
    }
  }
  if (!isComplete && !completion.finishReason) return undefined;
  completion.finishReason ||= "unknown";
  return completion;
}

function emptyCompletion(headers: Headers): Completion {
  return {
    ...{ content: "", refusal: "", finishReason: "", reasoned: false },
    ...{ promptTokens: 0, completionTokens: 0, costUsd: costOf(undefined, headers), model: undefined },
  };
}

/** Adds a whole response or a chunk of a stream; returns its content. */
function add(completion: Completion, chunk: unknown, headers: Headers): string {
  const choice = firstChoice(chunk);
  for (const part of [chunk, choice]) throwIfError(part, headers, completion.content === "");
  const message = fieldOf(choice, "delta") ?? fieldOf(choice, "message");
  const { content, refusal, reasoned } = readContent(fieldOf(message, "content"));
  const details = fieldOf(message, "reasoning_content") || fieldOf(message, "reasoning");
  completion.content += content;
  completion.refusal += refusal + textOf(message, "refusal");
  completion.reasoned ||= reasoned || Boolean(details) || reasoningTokensOf(chunk) > 0;
  completion.finishReason ||= textOf(choice, "finish_reason");
  if (completion.finishReason === "error") throwIfError({ error: "finish_reason is error" }, headers, false);
  completion.model ||= textOf(chunk, "model") || undefined;
  // The last chunk of a stream has the usage and no choice; some servers send running totals in every chunk.
  completion.promptTokens = tokensOf(chunk, "prompt_tokens") || completion.promptTokens;
  completion.completionTokens = tokensOf(chunk, "completion_tokens") || completion.completionTokens;
  completion.costUsd = costOf(chunk) ?? completion.costUsd;
  return content;
}

/** Content is a text, or parts of which some are reasoning, as Mistral's Magistral returns them. */
function readContent(content: unknown): { content: string; refusal: string; reasoned: boolean } {
  if (typeof content === "string") return { content, refusal: "", reasoned: false };
  const parts: unknown[] = Array.isArray(content) ? content : [];
  const isText = (part: unknown) => ["text", "output_text"].includes(textOf(part, "type"));
  return {
    content: parts.map((part) => (isText(part) ? textOf(part, "text") : "")).join(""),
    refusal: parts.map((part) => textOf(part, "refusal")).join(""),
    reasoned: parts.some((part) => ["thinking", "reasoning"].includes(textOf(part, "type"))),
  };
}

function firstChoice(response: unknown): unknown {
  const choices = fieldOf(response, "choices");
  return Array.isArray(choices) ? choices[0] : undefined;
}

function textOf(value: unknown, name: string): string {
  const text = fieldOf(value, name);
  return typeof text === "string" ? text : "";
}
