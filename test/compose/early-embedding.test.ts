import { expect, it } from "vitest";
import { composeEmbedder } from "#compose/ports.ts";
import { createService } from "#providers/service/service.ts";
import type { Embedder, EmbeddingCache } from "#rag/ports.ts";
import { createMetering } from "#usage/metered-ports.ts";
import { OpenAIUsageMonitor } from "#usage/usage-monitor.ts";
import { hashEmbedder, hashVector } from "../providers/_hash-embedder.ts";

/** Nothing is cached but the question "kept". */
function compose(services: Parameters<typeof composeEmbedder>[0]["services"]) {
  const requested: string[] = [];
  const embedder: Embedder = {
    ...hashEmbedder,
    embed(texts) {
      requested.push(...texts);
      return hashEmbedder.embed(texts);
    },
  };
  let isKept = false;
  const cache: EmbeddingCache = {
    getMany: async (keys) => keys.map(() => (isKept ? hashVector("kept") : undefined)),
    setMany: async () => {},
  };
  const monitor = new OpenAIUsageMonitor();
  const meter = createMetering(monitor, (error) => {
    throw error;
  });
  const composed = composeEmbedder({ embedder, services }, { cache, meter });
  return {
    requested,
    tokens: () => monitor.getUsage().total.promptTokens,
    async askEightThenTheKept() {
      for (let time = 0; time < 8; time += 1) await composed.embed([`missing ${time}`]);
      isKept = true;
      return composed.embed(["kept"]);
    },
  };
}

it("counts the tokens of a question that was embedded while it was looked up and is cached", async () => {
  const { requested, tokens, askEightThenTheKept } = compose({ embedder: createService({ name: "embedding" }) });
  const { vectors, cacheHits, pending } = await askEightThenTheKept();
  expect([vectors, cacheHits]).toEqual([[hashVector("kept")], 1]);
  expect(await pending).toBeUndefined();
  expect(requested).toHaveLength(9);
  expect(tokens()).toBe(9);
});

it("does not keep a model in this process busy with what may be cached", async () => {
  const { requested, askEightThenTheKept } = compose({});
  expect((await askEightThenTheKept()).pending).toBeUndefined();
  expect(requested).toHaveLength(8);
});
