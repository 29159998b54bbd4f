import { fieldOf } from "#providers/service/json-fields.ts";
import { OpenAIServiceError } from "./error.ts";
import { tokensOf } from "./usage.ts";

/** What a chat model said, be it in one piece or as a stream. */
export interface Said {
  content: string;
  /** Why the model declines; "" when it does not. */
  refusal: string;
  /** "unknown" when the service does not tell. */
  finishReason: string;
  /** 0 when the service does not count. */
  promptTokens: number;
  completionTokens: number;
  /** The model that answered; `undefined` when the service does not tell. */
  model: string | undefined;
}

/**
 * Reads a chat completion.
 *
 * @throws OpenAIServiceError when it is none
 */
export function readCompletion(who: string, answer: unknown): Said {
  const choice = firstChoice(answer);
  if (choice === undefined) {
    throw new OpenAIServiceError(`${who} answered without choices`, { code: "unexpected_answer" });
  }
  const message = fieldOf(choice, "message");
  return {
    content: textOf(message, "content"),
    refusal: textOf(message, "refusal"),
    finishReason: textOf(choice, "finish_reason") || "unknown",
    promptTokens: tokensOf(answer, "prompt_tokens"),
    completionTokens: tokensOf(answer, "completion_tokens"),
    model: textOf(answer, "model") || undefined,
  };
}

/**
 * Reads the chunks of a streamed chat completion.
 *
 * @param onContent told each piece of the content as it comes
 * @returns `undefined` when they end before the model has: something cut the stream
 */
export async function readChunks(
  chunks: AsyncIterable<unknown>,
  onContent: (piece: string) => void,
): Promise<Said | undefined> {
  const said: Said = {
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
    said.content += piece;
    said.refusal += textOf(delta, "refusal");
    said.finishReason ||= textOf(choice, "finish_reason");
    said.model ||= textOf(chunk, "model") || undefined;
    // The last chunk has the usage, and no choice; some servers count in every chunk, from the beginning.
    said.promptTokens = tokensOf(chunk, "prompt_tokens") || said.promptTokens;
    said.completionTokens = tokensOf(chunk, "completion_tokens") || said.completionTokens;
    if (piece) onContent(piece);
  }
  return said.finishReason ? said : undefined;
}

function firstChoice(answer: unknown): unknown {
  const choices = fieldOf(answer, "choices");
  return Array.isArray(choices) ? choices[0] : undefined;
}

function textOf(value: unknown, name: string): string {
  const text = fieldOf(value, name);
  return typeof text === "string" ? text : "";
}
