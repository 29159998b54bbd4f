import { fieldOf } from "#providers/service/json-fields.ts";
import { OpenAIServiceError } from "./error.ts";
import { tokensOf } from "./usage.ts";

/** A chat completion, whether streamed or not. */
export interface Completion {
  content: string;
  /** The model's refusal message, or "". */
  refusal: string;
  /** "unknown" when the service does not return it. */
  finishReason: string;
  /** 0 when the service does not report usage. */
  promptTokens: number;
  completionTokens: number;
  /** The model that responded; `undefined` when the service does not return it. */
  model: string | undefined;
}

/**
 * Reads the response of a chat completion request.
 *
 * @param service for the message: a model at a host
 * @throws OpenAIServiceError when the response has no choices
 */
export function readCompletion(service: string, response: unknown): Completion {
  const choice = firstChoice(response);
  if (choice === undefined) {
    throw new OpenAIServiceError(`${service} returned no choices`, { code: "unexpected_answer" });
  }
  const message = fieldOf(choice, "message");
  return {
    content: textOf(message, "content"),
    refusal: textOf(message, "refusal"),
    finishReason: textOf(choice, "finish_reason") || "unknown",
    promptTokens: tokensOf(response, "prompt_tokens"),
    completionTokens: tokensOf(response, "completion_tokens"),
    model: textOf(response, "model") || undefined,
  };
}

/**
 * Reads the chunks of a streamed chat completion.
 *
 * @param onContent called with each piece of the content
 * @returns `undefined` when the stream ends without a finish reason: the connection was cut
 */
export async function readChunks(
  chunks: AsyncIterable<unknown>,
  onContent: (piece: string) => void,
): Promise<Completion | undefined> {
  const completion: Completion = {
    content: "",
    refusal: "",
    finishReason: "",
    promptTokens: 0,
    completionTokens: 0,
    model: undefined,
  };
  for await (const chunk of chunks) {
    const choice = firstChoice(chunk);
    const delta = fieldOf(choice, "delta");
    const piece = textOf(delta, "content");
    completion.content += piece;
    completion.refusal += textOf(delta, "refusal");
    completion.finishReason ||= textOf(choice, "finish_reason");
    completion.model ||= textOf(chunk, "model") || undefined;
    // The last chunk has the usage and no choice; some servers send running totals in every chunk.
    completion.promptTokens = tokensOf(chunk, "prompt_tokens") || completion.promptTokens;
    completion.completionTokens = tokensOf(chunk, "completion_tokens") || completion.completionTokens;
    if (piece) onContent(piece);
  }
  return completion.finishReason ? completion : undefined;
}

function firstChoice(response: unknown): unknown {
  const choices = fieldOf(response, "choices");
  return Array.isArray(choices) ? choices[0] : undefined;
}

function textOf(value: unknown, name: string): string {
  const text = fieldOf(value, name);
  return typeof text === "string" ? text : "";
}
