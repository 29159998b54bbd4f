import type OpenAI from "openai";
import { isOpenAI } from "./client.ts";
import type { Body } from "./parameters.ts";
import { defaultEffort, isReasoningModel, type ReasoningEffort, tokensForReasoning } from "./reasoning.ts";

const ANSWER_TOKENS = 1_024;

export interface ChatParameters {
  model: string;
  maxTokens?: number;
  temperature?: number;
  reasoningEffort?: ReasoningEffort;
}

/** The most tokens that an answer of this model may have, with those of reasoning. */
export function mostAnswerTokens({ model, maxTokens = ANSWER_TOKENS, reasoningEffort }: ChatParameters): number {
  const effort = reasoningEffort ?? defaultEffort(model);
  const reasons = effort === undefined ? isReasoningModel(model) : effort !== "none";
  return maxTokens + (reasons ? tokensForReasoning(effort) : 0);
}

interface ChatBody {
  /** The bodies of one request: without the parameters that the service rejects, or with what takes their place. */
  bodyFor(prompt: { system: string; user: string }, stream: boolean): (rejected: ReadonlySet<string>) => Body;
  /** Notes that the model reasons, whatever its name: later requests leave tokens for that. */
  learnFrom(seen: { reasoned: boolean }): void;
}

/** Bodies of chat completion requests to one model. */
export function createChatBody(
  client: OpenAI,
  { model, maxTokens = ANSWER_TOKENS, temperature, reasoningEffort = defaultEffort(model) }: ChatParameters,
): ChatBody {
  const isReasoning = isReasoningModel(model);
  // Ollama and other servers only support the deprecated `max_tokens`.
  const limit = isReasoning || isOpenAI(client) ? "max_completion_tokens" : "max_tokens";
  const otherLimit = limit === "max_tokens" ? "max_completion_tokens" : "max_tokens";
  let hasReasoned = false;

  return {
    bodyFor: (prompt, asStream) => (rejected) => {
      // Without it the answer arrives at once: OpenAI streams some models to verified organizations only.
      const stream = asStream && !rejected.has("stream");
      const effort = rejected.has("reasoning_effort") ? undefined : reasoningEffort;
      // Models that reason reject another temperature than 1.
      const reasons =
        effort === undefined ? isReasoning || hasReasoned || rejected.has("temperature") : effort !== "none";
      const limits = [limit, otherLimit].filter((name) => !rejected.has(name));
      const chosen = temperature ?? (isReasoning && effort !== "none" ? undefined : 0);
      return {
        model,
        messages: messagesOf(prompt, !rejected.has("system")),
        ...(limits[0] && { [limits[0]]: maxTokens + (reasons ? tokensForReasoning(effort) : 0) }),
        ...(chosen !== undefined && !rejected.has("temperature") && { temperature: chosen }),
        ...(effort !== undefined && { reasoning_effort: effort }),
        ...(stream && { stream: true }),
        // Mistral's API rejects it, and returns the usage without it.
        ...(stream && !rejected.has("stream_options") && { stream_options: { include_usage: true } }),
      };
    },
    learnFrom({ reasoned }) {
      hasReasoned ||= reasoned;
    },
  };
}

/** @param withRole false for models without a system role, whose instructions are in the user's message */
function messagesOf({ system, user }: { system: string; user: string }, withRole: boolean) {
  if (!withRole) return [{ role: "user", content: `${system}\n\n${user}` }];
  return [
    { role: "system", content: system },
    { role: "user", content: user },
  ];
}
