import type OpenAI from "openai";
import { isCut } from "#rag/finish-reason.ts";
import type { Call } from "#rag/ports.ts";
import { type Completion, readCompletion } from "./chat.ts";
import { createChatBody } from "./chat-body.ts";
import { addressOf } from "./client.ts";
import type { OpenAIServiceError } from "./error.ts";
import { createParameterizedCall } from "./parameters.ts";
import { briefEffort, type ReasoningEffort } from "./reasoning.ts";
import { createThinkingFilter } from "./thinking.ts";

export interface StructuredReplyOptions {
  model: string;
  /** Tokens of a reply, without those of reasoning. */
  maxTokens: number;
  /** Of answers; a reply gets less. */
  reasoningEffort?: ReasoningEffort;
  /** Called when the model rejects a parameter, which is not sent from then on. */
  onRejected?: (error: OpenAIServiceError) => void;
}

export interface StructuredReply {
  /** JSON, if the server heeds the schema and the model finished; it may be anything. */
  text: string;
  promptTokens: number;
  completionTokens: number;
  /** US dollars; absent when the service does not report it. */
  costUsd?: number;
  /** The model that replied. */
  model: string;
}

/** JSON schema of a reply, and its name. */
export interface ReplyFormat {
  name: string;
  schema: object;
}

export type StructuredReplies = (
  prompt: { system: string; user: string },
  format: ReplyFormat,
  call?: Call,
) => Promise<StructuredReply>;

/**
 * Asks a chat model, at temperature 0, for a reply with a JSON schema. A server that rejects `response_format` is asked
 * again without it, and from then on.
 *
 * @returns a function that throws OpenAIServiceError, or the signal's reason once it is aborted
 */
export function createStructuredReplies(client: OpenAI, options: StructuredReplyOptions): StructuredReplies {
  const { model, maxTokens, reasoningEffort, onRejected } = options;
  const service = `${model} at ${addressOf(client)}`;
  const call = createParameterizedCall(service, onRejected);
  const effort = briefEffort(model, reasoningEffort);
  const { bodyFor, learnFrom } = createChatBody(client, {
    ...{ model, maxTokens },
    ...(effort !== undefined && { reasoningEffort: effort }),
  });

  return async ({ system, user }, { name, schema }, { signal } = {}) => {
    const response_format = { type: "json_schema", json_schema: { name, strict: true, schema } };
    const body = bodyFor({ system: system.toWellFormed(), user: user.toWellFormed() }, false);
    const build = (rejected: ReadonlySet<string>) => ({
      ...body(rejected),
      ...(!rejected.has("response_format") && { response_format }),
    });
    const send = async (body: object): Promise<Completion> => {
      const { data, response } = await client.post<unknown>("/chat/completions", { body, signal }).withResponse();
      return readCompletion(service, { data, headers: response.headers });
    };
    const completion = await call(build, send, { signal, texts: () => [user, client.apiKey ?? ""] });
    const { promptTokens, completionTokens, costUsd } = completion;
    const thinking = createThinkingFilter(false);
    const text = thinking.push(completion.content).answer + thinking.end(isCut(completion.finishReason));
    learnFrom({ reasoned: completion.reasoned || thinking.hasThought });
    return {
      ...{ text, promptTokens, completionTokens, model: completion.model ?? model },
      ...(costUsd !== undefined && { costUsd }),
    };
  };
}
