import { identityOf } from "#rag/identity.ts";
import type { Embedder, Generator } from "#rag/ports.ts";
import type { OpenAIUsageMonitor, Usage } from "./usage-monitor.ts";

/** Where calls are counted. */
type Meter = Pick<OpenAIUsageMonitor, "recordUsage">;

/**
 * The same ports, each billed call counted once. Wrap them inside whatever retries or traces. Calls that bill no token,
 * such as those of a model in this process or a cache, are not counted.
 *
 * @param onRefused hears of usage that a provider reports wrong; the call itself goes on.
 */
export function meter<Ports extends { embedder: Embedder; generator: Generator }>(
  ports: Ports,
  monitor: Meter,
  onRefused: (error: unknown) => void,
): Ports {
  const record = (usage: Usage): number | undefined => {
    if (usage.promptTokens === 0 && usage.completionTokens === 0) return undefined;
    try {
      return monitor.recordUsage(usage);
    } catch (error) {
      onRefused(error);
      return undefined;
    }
  };
  return {
    ...ports,
    embedder: meterEmbedder(ports.embedder, record),
    generator: meterGenerator(ports.generator, record),
  };
}

type RecordUsage = Meter["recordUsage"];

function meterEmbedder(embedder: Embedder, record: RecordUsage): Embedder {
  const { model, dimensions } = embedder;
  return {
    ...identityOf(embedder),
    dimensions,
    async embed(texts, call) {
      const embeddings = await embedder.embed(texts, call);
      record({ model, promptTokens: embeddings.tokens, completionTokens: 0, operation: "embeddings" });
      return embeddings;
    },
  };
}

/** Also says what an answer cost, where its provider does not. */
function meterGenerator(generator: Generator, record: RecordUsage): Generator {
  return {
    ...identityOf(generator),
    async generate(prompt, call) {
      const generation = await generator.generate(prompt, call);
      const { model, promptTokens, completionTokens, costUsd: charged } = generation;
      const usage = { model, promptTokens, completionTokens, operation: "chat" as const };
      const costUsd = record(charged === undefined ? usage : { ...usage, costUsd: charged });
      return charged === undefined && costUsd !== undefined ? { ...generation, costUsd } : generation;
    },
  };
}
