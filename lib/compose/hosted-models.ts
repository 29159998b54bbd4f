import type { ServicesConfig } from "#config/services.ts";
import type { HealthCheck } from "#http/health.ts";
import { createBatchedEmbedder } from "#providers/batched-embedder.ts";
import { createOpenAIClient } from "#providers/openai-client.ts";
import { createOpenAIEmbedder } from "#providers/openai-embedder.ts";
import { createOpenAIGenerator } from "#providers/openai-generator.ts";
import { onlyTo } from "#providers/outbound.ts";
import { resilientEmbedder, resilientGenerator } from "#providers/resilient-ports.ts";
import { createService, type Retry } from "#providers/service.ts";
import type { Embedder, Generator } from "#rag/ports.ts";
import { LIMITS } from "./hosted-limits.ts";

const OPENAI = "https://api.openai.com/v1";

export interface Models {
  embedder: Embedder;
  generator: Generator;
  checks: HealthCheck[];
}

/** The models that are configured, without a cache. */
export async function createModels(
  { openai }: ServicesConfig,
  fetch: typeof globalThis.fetch,
  onRetry?: (retry: Retry) => void,
): Promise<Models> {
  return openai ? openAIModels(openai, fetch, onRetry) : (await import("./embedded.ts")).createEmbeddedModels();
}

function openAIModels(
  { embeddingModel, chatModel, dimensions, baseURL = OPENAI, ...server }: NonNullable<ServicesConfig["openai"]>,
  fetch: typeof globalThis.fetch,
  onRetry?: (retry: Retry) => void,
): Models {
  const timeoutMs = LIMITS.chat.timeoutMs;
  const client = createOpenAIClient({ ...server, baseURL, fetch: onlyTo(baseURL, fetch), timeoutMs });
  const service = (name: string) => createService({ name, onRetry });
  const embedder = resilientEmbedder(
    createOpenAIEmbedder(client, { model: embeddingModel, dimensions }),
    service("embedding"),
    LIMITS.embedding,
  );
  const generator = createOpenAIGenerator(client, { model: chatModel });
  // Lists models: the cheapest call that proves address and key.
  const check = async (): Promise<void> => void (await client.models.list());
  return {
    embedder: createBatchedEmbedder(embedder),
    generator: resilientGenerator(generator, service("chat"), LIMITS.chat),
    checks: [{ name: `models (${generator.address})`, needed: true, check }],
  };
}
