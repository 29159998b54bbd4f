import type OpenAI from "openai";
import { APIError } from "openai";
import { type CitedStream, createCitedStream } from "#rag/cited-stream.ts";
import type { Generation, Generator } from "#rag/ports.ts";
import { type Completion, readChunks, readCompletion } from "./chat.ts";
import { addressOf, isOpenAI } from "./client.ts";
import { callService, OpenAIServiceError } from "./error.ts";

const NOT_FOUND = "The documents do not answer this question.";
const FILTERED = "The language model's content filter withheld the answer.";

/** OpenAI's reasoning models: they reject `temperature` and `max_tokens`. */
const REASONING_MODEL = /(?:^|\/)(?:o\d|gpt-[5-9])/;

export interface OpenAIGeneratorOptions {
  model: string;
  /** Maximum tokens of an answer, reasoning tokens included. */
  maxTokens?: number;
  /** 0 by default; by default not sent to reasoning models. */
  temperature?: number;
}

/**
 * Generates answers with a chat model. `answered` is true only when the text cites an existing source, as the prompt
 * demands; citations of unknown sources are removed. An answer cut by the token limit ends in "…". For a refusal, or an
 * answer withheld by a content filter, the text says so. Without citations no request is sent. With `onDelta` the
 * response is streamed.
 *
 * @throws OpenAIServiceError, also when the answer is empty or the stream is cut; the signal's reason once it is aborted
 */
export function createOpenAIGenerator(
  client: OpenAI,
  { model, maxTokens = 1_024, temperature }: OpenAIGeneratorOptions,
): Generator {
  const address = addressOf(client);
  const service = `${model} at ${address}`;
  const isReasoning = REASONING_MODEL.test(model);
  const parameters = {
    model,
    // Ollama and other servers only support the deprecated `max_tokens`.
    ...(isReasoning || isOpenAI(client) ? { max_completion_tokens: maxTokens } : { max_tokens: maxTokens }),
    ...(!(isReasoning && temperature === undefined) && { temperature: temperature ?? 0 }),
  };
  /** Mistral's API rejects `stream_options`, and returns the usage without it. */
  let requestsUsage = true;

  async function stream(
    body: Omit<OpenAI.ChatCompletionCreateParamsStreaming, "stream">,
    onContent: (piece: string) => void,
    signal: AbortSignal | undefined,
  ): Promise<Completion> {
    const open = (withUsage: boolean) => {
      const usage = withUsage && { stream_options: { include_usage: true } };
      return client.chat.completions.create({ ...body, stream: true, ...usage }, { signal });
    };
    const retryWithoutUsage = async (error: unknown) => {
      if (!mayRejectUsage(error)) throw error;
      const chunks = await open(false);
      requestsUsage = false;
      return chunks;
    };
    const completion = await callService(
      service,
      async () => {
        const chunks = requestsUsage ? await open(true).catch(retryWithoutUsage) : await open(false);
        return readChunks(chunks, onContent);
      },
      signal,
    );
    // The client's stream ends without an error when it is aborted.
    signal?.throwIfAborted();
    if (!completion) throw new OpenAIServiceError(`${service} ended the stream too early`, { code: "cut_stream" });
    return completion;
  }

  const declined = (text: string, finishReason: string): Generation => {
    return { text, answered: false, promptTokens: 0, completionTokens: 0, finishReason, model };
  };

  return {
    provider: "openai",
    model,
    address,
    async generate({ system, user, citations }, { signal, onDelta } = {}) {
      if (citations.length === 0) return declined(NOT_FOUND, "stop");
      const messages = [
        { role: "system" as const, content: system.toWellFormed() },
        { role: "user" as const, content: user.toWellFormed() },
      ];
      const body = { ...parameters, messages };
      const text = createCitedStream(citations.map(({ index }) => index));
      const emit = (piece: string): void => {
        if (piece) onDelta?.(piece);
      };
      try {
        const completion = onDelta
          ? await stream(body, (piece) => emit(text.push(piece)), signal)
          : readCompletion(
              service,
              await callService(service, () => client.chat.completions.create(body, { signal }), signal),
            );
        if (!onDelta) text.push(completion.content);
        const { promptTokens, completionTokens } = completion;
        const generation = toGeneration(service, completion, text, emit);
        return { ...generation, promptTokens, completionTokens, model: completion.model ?? model };
      } catch (error) {
        // Azure's filter rejects the prompt with a 400.
        const filtered = error instanceof OpenAIServiceError && error.code === "content_filter";
        if (filtered) return declined(FILTERED, "content_filter");
        throw error;
      }
    },
  };
}

/** Turns the whole completion into the result, and emits what the cited stream still holds back. */
function toGeneration(
  service: string,
  { refusal, finishReason }: Completion,
  stream: CitedStream,
  emit: (piece: string) => void,
): Pick<Generation, "text" | "answered" | "finishReason"> {
  if (finishReason === "content_filter") return { text: FILTERED, answered: false, finishReason };
  if (refusal.trim()) return { text: refusal.trim(), answered: false, finishReason };
  const isCut = finishReason === "length";
  const { rest, text, cited } = stream.end(isCut);
  if (!text) {
    throw isCut
      ? new OpenAIServiceError(`${service} used up max_tokens before the answer began`, { code: "max_tokens" })
      : new OpenAIServiceError(`${service} returned an empty answer`, { code: "empty_answer" });
  }
  emit(rest);
  return { text, answered: cited.length > 0, finishReason };
}

/** Mistral's error body has a format of its own, which openai 6 drops and openai 7 keeps. */
function mayRejectUsage(error: unknown): boolean {
  if (!(error instanceof APIError) || (error.status !== 400 && error.status !== 422)) return false;
  return error.error === undefined || error.message.includes("stream_options");
}
