import type OpenAI from "openai";
import { APIError } from "openai";
import { type CitedStream, createCitedStream } from "#rag/cited-stream.ts";
import type { Generation, Generator } from "#rag/ports.ts";
import { readChunks, readCompletion, type Said } from "./chat.ts";
import { addressOf, isOpenAI } from "./client.ts";
import { callService, OpenAIServiceError } from "./error.ts";

const NOT_FOUND = "The documents do not answer this question.";
const FILTERED = "The language model's content filter withheld the answer.";

/** OpenAI's models that reason: they refuse a temperature, and a limit by its old name. */
const REASONS = /(?:^|\/)(?:o\d|gpt-[5-9])/;

export interface OpenAIGeneratorOptions {
  model: string;
  /** Most tokens an answer may have; those a model thinks in count too. */
  maxTokens?: number;
  /** 0 by default; not sent to models that reason unless it is given. */
  temperature?: number;
}

/**
 * A generator that asks a chat model. Its answer is taken as one only where it cites a source that exists, as the prompt
 * wants; other citations are removed. An answer that the limit cut ends in "…". What the model or a filter declines to say
 * is said so. Without citations the model is not asked. Told of deltas, it has the answer streamed.
 *
 * @throws OpenAIServiceError, also when the answer is empty, or a stream ends before the answer does; the signal's reason
 *   once it is aborted
 */
export function createOpenAIGenerator(
  client: OpenAI,
  { model, maxTokens = 1_024, temperature }: OpenAIGeneratorOptions,
): Generator {
  const address = addressOf(client);
  const who = `${model} at ${address}`;
  const reasons = REASONS.test(model);
  const parameters = {
    model,
    // Ollama, and other servers, know the limit by its old name only.
    ...(reasons || isOpenAI(client) ? { max_completion_tokens: maxTokens } : { max_tokens: maxTokens }),
    ...(!(reasons && temperature === undefined) && { temperature: temperature ?? 0 }),
  };
  /** Mistral's API refuses to be asked for the usage, and tells it all the same. */
  let asksForUsage = true;

  async function stream(
    body: Omit<OpenAI.ChatCompletionCreateParamsStreaming, "stream">,
    onContent: (piece: string) => void,
    signal: AbortSignal | undefined,
  ): Promise<Said> {
    const open = (withUsage: boolean) => {
      const usage = withUsage && { stream_options: { include_usage: true } };
      return client.chat.completions.create({ ...body, stream: true, ...usage }, { signal });
    };
    const reopen = async (refusal: unknown) => {
      if (!mayRefuseUsage(refusal)) throw refusal;
      const chunks = await open(false);
      asksForUsage = false;
      return chunks;
    };
    const said = await callService(
      who,
      async () => {
        const chunks = asksForUsage ? await open(true).catch(reopen) : await open(false);
        return readChunks(chunks, onContent);
      },
      signal,
    );
    // The client's stream just ends when it is aborted.
    signal?.throwIfAborted();
    if (!said) throw new OpenAIServiceError(`${who} broke off in its answer`, { code: "cut_stream" });
    return said;
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
      const tell = (piece: string): void => {
        if (piece) onDelta?.(piece);
      };
      try {
        const said = onDelta
          ? await stream(body, (piece) => tell(text.push(piece)), signal)
          : readCompletion(who, await callService(who, () => client.chat.completions.create(body, { signal }), signal));
        if (!onDelta) text.push(said.content);
        const { promptTokens, completionTokens } = said;
        return { ...conclude(who, said, text, tell), promptTokens, completionTokens, model: said.model ?? model };
      } catch (error) {
        // Azure's filter refuses the prompt as a bad request.
        const filtered = error instanceof OpenAIServiceError && error.code === "content_filter";
        if (filtered) return declined(FILTERED, "content_filter");
        throw error;
      }
    },
  };
}

/** What becomes of all that was said; the rest of an answer is told. */
function conclude(
  who: string,
  { refusal, finishReason }: Said,
  said: CitedStream,
  tell: (piece: string) => void,
): Pick<Generation, "text" | "answered" | "finishReason"> {
  if (finishReason === "content_filter") return { text: FILTERED, answered: false, finishReason };
  if (refusal.trim()) return { text: refusal.trim(), answered: false, finishReason };
  const isCut = finishReason === "length";
  const { rest, text, cited } = said.end(isCut);
  if (!text) {
    throw isCut
      ? new OpenAIServiceError(`${who} spent all its tokens before the answer began`, { code: "max_tokens" })
      : new OpenAIServiceError(`${who} gave an empty answer`, { code: "empty_answer" });
  }
  tell(rest);
  return { text, answered: cited.length > 0, finishReason };
}

/** Mistral says why in a shape of its own, of which openai 6 keeps nothing and openai 7 all. */
function mayRefuseUsage(error: unknown): boolean {
  if (!(error instanceof APIError) || (error.status !== 400 && error.status !== 422)) return false;
  return error.error === undefined || error.message.includes("stream_options");
}
