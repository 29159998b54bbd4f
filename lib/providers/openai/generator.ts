import type OpenAI from "openai";
import { isCut } from "#rag/finish-reason.ts";
import { locationAt } from "#rag/identity.ts";
import type { Generation, Generator } from "#rag/ports.ts";
import { type AnswerText, createAnswerText } from "./answer-text.ts";
import { type Completion, readCompletion, readStream } from "./chat.ts";
import { createChatBody } from "./chat-body.ts";
import { addressOf } from "./client.ts";
import { OpenAIServiceError } from "./error.ts";
import { createParameterizedCall } from "./parameters.ts";
import { providerOf } from "./provider.ts";
import type { ReasoningEffort } from "./reasoning.ts";

const NOT_FOUND = "The documents do not answer this question.";
const FILTERED = "The language model's content filter withheld the answer.";
const PATH = "/chat/completions";

export interface OpenAIGeneratorOptions {
  model: string;
  /** Maximum tokens of an answer, without those of reasoning. */
  maxTokens?: number;
  /** 0 by default; by default not sent to models that reason. */
  temperature?: number;
  /** By default "none" for OpenAI's models that allow it; others reason as much as they do by default. */
  reasoningEffort?: ReasoningEffort;
  /** Called when the model rejects a parameter, which is not sent from then on. */
  onRejected?: (error: OpenAIServiceError) => void;
}

/**
 * Generates answers with a chat model. `answered` is true only when the text cites an existing source, as the prompt
 * demands; citations of unknown sources are removed. An answer cut by the token limit ends in "…". For a refusal, or an
 * answer withheld by a content filter, the text says so. Without citations no request is sent. With `onDelta` the
 * response is streamed.
 *
 * @throws OpenAIServiceError, also when the answer is empty or the stream is cut; the signal's reason once it is aborted
 */
export function createOpenAIGenerator(client: OpenAI, options: OpenAIGeneratorOptions): Generator {
  const { model, onRejected } = options;
  const address = addressOf(client);
  const service = `${model} at ${address}`;
  const call = createParameterizedCall(service, onRejected);
  const { bodyFor, learnFrom } = createChatBody(client, options);
  /** Whether the model was seen to begin with thinking that only a closing tag tells from the answer. */
  let startsThinking = false;

  const declined = (text: string, finishReason: string): Generation => {
    return { text, answered: false, promptTokens: 0, completionTokens: 0, finishReason, model };
  };

  return {
    provider: providerOf(client),
    model,
    ...locationAt(client.baseURL),
    async generate({ system, user, citations }, { signal, onDelta } = {}) {
      if (citations.length === 0) return declined(NOT_FOUND, "stop");
      const build = bodyFor({ system: system.toWellFormed(), user: user.toWellFormed() }, onDelta !== undefined);
      const sources = citations.map(({ index }) => index);
      const text = createAnswerText(sources, startsThinking, () => {
        startsThinking = true;
      });
      const emit = (piece: string): void => {
        if (piece) onDelta?.(piece);
      };

      async function whole(body: object): Promise<Completion> {
        const { data, response } = await client.post<unknown>(PATH, { body, signal }).withResponse();
        const completion = readCompletion(service, { data, headers: response.headers });
        text.push(completion.content);
        return completion;
      }

      let received = "";
      async function streamed(body: object): Promise<Completion> {
        const response = await client.post(PATH, { body, signal, stream: true }).asResponse();
        const completion = await readStream(response, (piece) => {
          received += piece;
          emit(text.push(piece));
        });
        if (!completion) throw new OpenAIServiceError(`${service} ended the stream too early`, { code: "cut_stream" });
        return completion;
      }

      try {
        const completion = await call(build, onDelta ? streamed : whole, {
          signal,
          texts: () => [user, received, client.apiKey ?? ""],
        });
        const { promptTokens, completionTokens, costUsd } = completion;
        const end = text.end(isCut(completion.finishReason));
        const reasoned = completion.reasoned || text.hasThought;
        learnFrom({ reasoned });
        const generation = toGeneration(service, { ...completion, reasoned }, end);
        if (generation.text === end.text) emit(end.rest);
        return {
          ...generation,
          promptTokens,
          completionTokens,
          ...(costUsd !== undefined && { costUsd }),
          model: completion.model ?? model,
        };
      } catch (error) {
        // Azure's filter rejects the prompt with a 400.
        const filtered = error instanceof OpenAIServiceError && error.code === "content_filter";
        if (filtered) return declined(FILTERED, "content_filter");
        throw error;
      }
    },
  };
}

/** Turns the whole completion into the result. */
function toGeneration(
  service: string,
  completion: Completion,
  { text, cited }: ReturnType<AnswerText["end"]>,
): Pick<Generation, "text" | "answered" | "finishReason"> {
  const { refusal, finishReason } = completion;
  if (finishReason === "content_filter") return { text: FILTERED, answered: false, finishReason };
  if (refusal.trim()) return { text: refusal.trim(), answered: false, finishReason };
  if (!text) throw emptyAnswer(service, completion);
  return { text, answered: cited.length > 0, finishReason };
}

function emptyAnswer(service: string, completion: Completion): OpenAIServiceError {
  const [code, detail] = isCut(completion.finishReason)
    ? [
        "max_tokens",
        "used up its output tokens before the answer began, most likely by reasoning: lower OPENAI_REASONING_EFFORT, or raise OPENAI_MAX_OUTPUT",
      ]
    : completion.reasoned
      ? ["empty_answer", "returned reasoning and no answer: set OPENAI_REASONING_EFFORT=none, or choose another model"]
      : ["empty_answer", "returned an empty answer"];
  return new OpenAIServiceError(`${service} ${detail}`, { code, detail });
}
