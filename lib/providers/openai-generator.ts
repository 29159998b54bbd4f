import type OpenAI from "openai";
import { keepKnownCitations } from "#rag/cited.ts";
import type { Generation, Generator, Prompt } from "#rag/ports.ts";
import { fieldOf, tokensOf } from "./openai-answer.ts";
import { addressOf, isOpenAI } from "./openai-client.ts";
import { ask, OpenAIServiceError } from "./openai-error.ts";

const NOT_FOUND = "The documents do not answer this question.";
const FILTERED = "The language model's content filter withheld the answer.";

/** OpenAI's models that reason: they refuse a temperature, and a limit by its old name. */
const REASONS = /(?:^|\/)(?:o\d|gpt-[5-9])/;
/** A citation that the limit cut in two. */
const CUT_CITATION = /\s*\[[\d\s,]*$/;

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
 * is said so. Without citations the model is not asked.
 *
 * @throws OpenAIServiceError, also when the answer is empty.
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
  const declined = (text: string, finishReason: string): Generation => {
    return { text, answered: false, promptTokens: 0, completionTokens: 0, finishReason, model };
  };

  return {
    provider: "openai",
    model,
    address,
    async generate({ system, user, citations }) {
      if (citations.length === 0) return declined(NOT_FOUND, "stop");
      const messages = [
        { role: "system" as const, content: system.toWellFormed() },
        { role: "user" as const, content: user.toWellFormed() },
      ];
      try {
        const answer = await ask(who, () => client.chat.completions.create({ ...parameters, messages }));
        const answeredBy = fieldOf(answer, "model");
        return {
          ...read(who, answer, citations),
          promptTokens: tokensOf(answer, "prompt_tokens"),
          completionTokens: tokensOf(answer, "completion_tokens"),
          model: typeof answeredBy === "string" && answeredBy ? answeredBy : model,
        };
      } catch (error) {
        // Azure's filter refuses the prompt as a bad request.
        const filtered = error instanceof OpenAIServiceError && error.code === "content_filter";
        if (filtered) return declined(FILTERED, "content_filter");
        throw error;
      }
    },
  };
}

function read(
  who: string,
  answer: unknown,
  citations: Prompt["citations"],
): Pick<Generation, "text" | "answered" | "finishReason"> {
  const choices = fieldOf(answer, "choices");
  if (!Array.isArray(choices) || choices.length === 0) {
    throw new OpenAIServiceError(`${who} answered without choices`, { code: "unexpected_answer" });
  }
  const reason = fieldOf(choices[0], "finish_reason");
  const finishReason = typeof reason === "string" && reason ? reason : "unknown";
  if (finishReason === "content_filter") return { text: FILTERED, answered: false, finishReason };
  const message = fieldOf(choices[0], "message");
  const refusal = fieldOf(message, "refusal");
  if (typeof refusal === "string" && refusal.trim()) return { text: refusal.trim(), answered: false, finishReason };

  const content = fieldOf(message, "content");
  const isCut = finishReason === "length";
  const { text, cited } = keepKnownCitations(
    typeof content === "string" ? (isCut ? content.replace(CUT_CITATION, "") : content) : "",
    citations.map(({ index }) => index),
  );
  const trimmed = text.trim();
  if (!trimmed) {
    throw isCut
      ? new OpenAIServiceError(`${who} spent all its tokens before the answer began`, { code: "max_tokens" })
      : new OpenAIServiceError(`${who} gave an empty answer`, { code: "empty_answer" });
  }
  return { text: isCut ? `${trimmed} …` : trimmed, answered: cited.length > 0, finishReason };
}
