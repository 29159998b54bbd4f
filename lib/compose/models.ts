import type OpenAI from "openai";
import type { JudgeConfig } from "#config/judge.ts";
import type { ModelServer } from "#config/models.ts";
import type { ServicesConfig } from "#config/services.ts";
import type { HealthCheck } from "#http/routes/health.ts";
import { resolveAddress } from "#providers/openai/azure.ts";
import { batchLimitsOf } from "#providers/openai/batch-limits.ts";
import { mostAnswerTokens } from "#providers/openai/chat-body.ts";
import { addressOf, createOpenAIClient } from "#providers/openai/client.ts";
import { createOpenAIEmbedder } from "#providers/openai/embedder.ts";
import { createOpenAIGenerator } from "#providers/openai/generator.ts";
import { prefixesOf } from "#providers/openai/prefixes.ts";
import { createOpenAIRewriter } from "#providers/openai/query-rewriter.ts";
import { checkReachable } from "#providers/openai/reachable.ts";
import { createStructuredReplies } from "#providers/openai/structured-replies.ts";
import { restrictToHost } from "#providers/service/restrict-to-host.ts";
import { LIMITS } from "./limits.ts";
import type { Models, ShadowClients } from "./ports.ts";

const OPENAI = "https://api.openai.com/v1";
/** Three scores take fifty at most. */
const JUDGE_TOKENS = 200;

/**
 * Creates the models that are configured, of servers with OpenAI's API, and embedded ones for the others.
 *
 * @param onRejected called when a model rejects a parameter, which is not sent from then on
 * @param judge its model is one of the chat model's server
 */
export async function createModels(
  { embedding, localModel, chat }: ServicesConfig,
  fetch: typeof globalThis.fetch,
  onRejected: (error: unknown) => void = () => {},
  judge?: JudgeConfig,
): Promise<Models> {
  const embedder = embedding ? openEmbedder(embedding) : localModel ? await openLocal(localModel) : undefined;
  const generator = chat && openGenerator(chat);
  if (embedder && generator) {
    const isSameServer = embedding?.baseURL === chat.baseURL && embedding?.apiKey === chat.apiKey;
    const checks = isSameServer
      ? [{ ...embedder.check, name: `models (${embedder.address})` }]
      : [embedder.check, generator.check];
    return { ...embedder.port, ...generator.port, checks };
  }
  const embedded = (await import("./embedded.ts")).createEmbeddedModels(embedder !== undefined);
  return {
    ...(embedder ? embedder.port : { embedder: embedded.embedder }),
    ...(generator ? generator.port : { rewriter: embedded.rewriter, generator: embedded.generator }),
    checks: [...(embedder ? [embedder.check] : embedded.checks), ...(generator ? [generator.check] : [])],
  };

  function openEmbedder(settings: NonNullable<ServicesConfig["embedding"]>) {
    const client = clientOf(settings, fetch);
    const prefixes = prefixesOf(settings.model, settings);
    const port = {
      embedder: createOpenAIEmbedder(client, { ...settings, onRejected }),
      ...(prefixes && { prefixes }),
      batches: batchLimitsOf(client, settings.batchSize),
    };
    return { port, ...checkOf("embedding model", client, settings.model, "/embeddings") };
  }

  async function openLocal(folder: string) {
    const { check, ...port } = (await import("./embedded.ts")).openModelFolder(folder);
    return { port, address: folder, check };
  }

  function openJudge(settings: NonNullable<ServicesConfig["chat"]> & JudgeConfig & { maxTokens: number }) {
    const ask = createStructuredReplies(clientOf(settings, fetch), { ...settings, onRejected });
    return { ask, maxTokens: settings.maxTokens, timeoutMs: settings.timeoutMs };
  }

  function openGenerator(settings: NonNullable<ServicesConfig["chat"]>) {
    const client = clientOf(settings, fetch);
    const options = { ...settings, onRejected };
    const port = {
      rewriter: createOpenAIRewriter(client, options),
      generator: createOpenAIGenerator(client, options),
      ...(judge && { judge: openJudge({ ...options, ...judge, maxTokens: JUDGE_TOKENS }) }),
    };
    return { port, ...checkOf("chat model", client, settings.model, "/chat/completions") };
  }
}

/** A generator for a shadow: with another model of the chat model's server, or the same one once more. */
export function createShadowGenerator(
  chat: NonNullable<ServicesConfig["chat"]>,
  model: string,
  fetch: typeof globalThis.fetch,
  onRejected: ((error: unknown) => void) | undefined,
): Pick<ShadowClients, "generator" | "maxTokens"> {
  const settings = { ...chat, model };
  const generator = createOpenAIGenerator(clientOf(settings, fetch), {
    ...settings,
    ...(onRejected && { onRejected }),
  });
  return { generator, maxTokens: mostAnswerTokens(settings) };
}

function clientOf(
  { baseURL = OPENAI, apiVersion, apiKey, model }: ModelServer & { model: string },
  fetch: typeof globalThis.fetch,
): OpenAI {
  const address = resolveAddress(baseURL, apiVersion, model);
  return createOpenAIClient({
    ...address,
    ...(apiKey && { apiKey }),
    fetch: restrictToHost(address.baseURL, fetch),
    // A model's own limit is its service's; this one must not be shorter than either.
    timeoutMs: Math.max(LIMITS.embedding.timeoutMs, LIMITS.chat.timeoutMs),
  });
}

function checkOf(
  name: string,
  client: OpenAI,
  model: string,
  operation: string,
): { address: string; check: HealthCheck } {
  const address = addressOf(client);
  const check = () => checkReachable(client, `${model} at ${address}`, operation);
  return { address, check: { name: `${name} (${address})`, needed: true, check } };
}
