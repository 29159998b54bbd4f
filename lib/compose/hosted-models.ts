import type { ServicesConfig } from "#config/services.ts";
import type { HealthCheck } from "#http/health.ts";
import { createExtractiveGenerator } from "#providers/extractive-generator.ts";
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
export function createModels(
  { openai }: ServicesConfig,
  fetch: typeof globalThis.fetch,
  onRetry?: (retry: Retry) => void,
): Promise<Models> {
  return openai ? openAIModels(openai, fetch, onRetry) : embeddedModels();
}

async function openAIModels(
  { embeddingModel, chatModel, dimensions, baseURL = OPENAI, ...server }: NonNullable<ServicesConfig["openai"]>,
  fetch: typeof globalThis.fetch,
  onRetry?: (retry: Retry) => void,
): Promise<Models> {
  const [{ createOpenAIClient }, { createOpenAIEmbedder }, { createOpenAIGenerator }, { createBatchedEmbedder }] =
    await Promise.all([
      import("#providers/openai-client.ts"),
      import("#providers/openai-embedder.ts"),
      import("#providers/openai-generator.ts"),
      import("#providers/batched-embedder.ts"),
    ]);
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

async function embeddedModels(): Promise<Models> {
  const { createUseEmbedder } = await import("#providers/use-embedder.ts");
  const embedder = createUseEmbedder();
  const check = async (): Promise<void> => void (await embedder.embed(["ok"]));
  return {
    embedder,
    generator: createExtractiveGenerator(),
    checks: [{ name: `embedder (${embedder.model})`, needed: true, check }],
  };
}
