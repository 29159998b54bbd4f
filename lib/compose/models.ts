import type { ServicesConfig } from "#config/services.ts";
import { createOpenAIClient } from "#providers/openai/client.ts";
import { createOpenAIEmbedder } from "#providers/openai/embedder.ts";
import { createOpenAIGenerator } from "#providers/openai/generator.ts";
import { restrictToHost } from "#providers/service/restrict-to-host.ts";
import { LIMITS } from "./limits.ts";
import type { Models } from "./ports.ts";

const OPENAI = "https://api.openai.com/v1";

/**
 * Creates the configured models: of a server with OpenAI's API, or else embedded ones.
 *
 * @param onRejected called when a model rejects a parameter, which is not sent from then on
 */
export async function createModels(
  { openai }: ServicesConfig,
  fetch: typeof globalThis.fetch,
  onRejected: (error: unknown) => void = () => {},
): Promise<Models> {
  return openai ? openAIModels(openai, fetch, onRejected) : (await import("./embedded.ts")).createEmbeddedModels();
}

function openAIModels(
  { embeddingModel, chatModel, dimensions, apiKey, baseURL = OPENAI, ...chat }: NonNullable<ServicesConfig["openai"]>,
  fetch: typeof globalThis.fetch,
  onRejected: (error: unknown) => void,
): Models {
  const timeoutMs = LIMITS.chat.timeoutMs;
  const client = createOpenAIClient({
    ...(apiKey && { apiKey }),
    baseURL,
    fetch: restrictToHost(baseURL, fetch),
    timeoutMs,
  });
  const generator = createOpenAIGenerator(client, { model: chatModel, ...chat, onRejected });
  // Listing models is the cheapest call that verifies both address and key.
  const check = async (): Promise<void> => void (await client.models.list());
  return {
    embedder: createOpenAIEmbedder(client, { model: embeddingModel, dimensions, onRejected }),
    generator,
    checks: [{ name: `models (${generator.address})`, needed: true, check }],
  };
}
