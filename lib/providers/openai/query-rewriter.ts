import type OpenAI from "openai";
import { isCut } from "#rag/finish-reason.ts";
import { locationAt } from "#rag/identity.ts";
import type { QueryRewriter } from "#rag/query-rewriter.ts";
import { buildRewritePrompt, readRewrite } from "#rag/rewrite-prompt.ts";
import { type Completion, readCompletion } from "./chat.ts";
import { createChatBody } from "./chat-body.ts";
import { addressOf } from "./client.ts";
import { OpenAIServiceError } from "./error.ts";
import { createParameterizedCall } from "./parameters.ts";
import { providerOf } from "./provider.ts";
import { briefEffort, type ReasoningEffort } from "./reasoning.ts";
import { createThinkingFilter } from "./thinking.ts";

/** A question has a tenth of that; more is a model that answers it. */
const MAX_TOKENS = 512;

export interface OpenAIRewriterOptions {
  model: string;
  /** Of answers; a rewriting gets less. */
  reasoningEffort?: ReasoningEffort;
  /** Called when the model rejects a parameter, which is not sent from then on. */
  onRejected?: (error: OpenAIServiceError) => void;
}

/**
 * Rewrites follow-ups with a chat model, at temperature 0.
 *
 * @throws OpenAIServiceError, also when the reply is refused, cut, empty or no question; the signal's reason once it is
 *   aborted
 */
export function createOpenAIRewriter(
  client: OpenAI,
  { model, reasoningEffort, onRejected }: OpenAIRewriterOptions,
): QueryRewriter {
  const service = `${model} at ${addressOf(client)}`;
  const call = createParameterizedCall(service, onRejected);
  const effort = briefEffort(model, reasoningEffort);
  const { bodyFor, learnFrom } = createChatBody(client, {
    ...{ model, maxTokens: MAX_TOKENS },
    ...(effort !== undefined && { reasoningEffort: effort }),
  });

  return {
    provider: providerOf(client),
    model,
    ...locationAt(client.baseURL),
    async rewrite(question, history, { signal } = {}) {
      const { system, user } = buildRewritePrompt(question, history);
      const build = bodyFor({ system: system.toWellFormed(), user: user.toWellFormed() }, false);
      const send = async (body: object): Promise<Completion> => {
        const { data, response } = await client.post<unknown>("/chat/completions", { body, signal }).withResponse();
        return readCompletion(service, { data, headers: response.headers });
      };
      const completion = await call(build, send, { signal, texts: () => [user, client.apiKey ?? ""] });

      const { promptTokens, completionTokens, costUsd, finishReason } = completion;
      const thinking = createThinkingFilter(false);
      const reply = thinking.push(completion.content).answer + thinking.end(isCut(finishReason));
      learnFrom({ reasoned: completion.reasoned || thinking.hasThought });
      const isWithheld = finishReason === "content_filter" || completion.refusal.trim() !== "";
      const rewritten = isCut(finishReason) || isWithheld ? undefined : readRewrite(reply, question);
      if (rewritten === undefined) {
        const [code, detail] = isCut(finishReason)
          ? ["max_tokens", "used up its output tokens before the question was rewritten"]
          : isWithheld
            ? ["refused", "refused to rewrite the question"]
            : ["unexpected_answer", "returned no question"];
        throw new OpenAIServiceError(`${service} ${detail}`, { code, detail });
      }
      return {
        question: rewritten,
        promptTokens,
        completionTokens,
        ...(costUsd !== undefined && { costUsd }),
        model: completion.model ?? model,
        finishReason,
      };
    },
  };
}
