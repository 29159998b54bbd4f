import type { ServicesConfig } from "#config/services.ts";
import { createOpenAIClient } from "#providers/openai/client.ts";
import { createOpenAIEmbedder } from "#providers/openai/embedder.ts";
import { createOpenAIGenerator } from "#providers/openai/generator.ts";
import { restrictToHost } from "#providers/service/restrict-to-host.ts";
import { LIMITS } from "./limits.ts";
import type { Models } from "./ports.ts";

const OPENAI = "https://api.openai.com/v1";

/** Creates the configured models: of a server with OpenAI's API, or else embedded ones. */
export async function createModels({ openai }: ServicesConfig, fetch: typeof globalThis.fetch): Promise<Models> {
  return openai ? openAIModels(openai, fetch) : (await import("./embedded.ts")).createEmbeddedModels();
}

function openAIModels(
  { embeddingModel, chatModel, dimensions, baseURL = OPENAI, ...server }: NonNullable<ServicesConfig["openai"]>,
  fetch: typeof globalThis.fetch,
): Models {
  const timeoutMs = LIMITS.chat.timeoutMs;
  const client = createOpenAIClient({ ...server, baseURL, fetch: restrictToHost(baseURL, fetch), timeoutMs });
  const generator = createOpenAIGenerator(client, { model: chatModel });
  // Listing models is the cheapest call that verifies both address and key.
  const check = async (): Promise<void> => void (await client.models.list());
  return {
    embedder: createOpenAIEmbedder(client, { model: embeddingModel, dimensions }),
    generator,
    checks: [{ name: `models (${generator.address})`, needed: true, check }],
  };
}
