import { identityOf, traitsOf } from "#rag/identity.ts";
import type { Embedder, Generation, Generator, Identity } from "#rag/ports.ts";
import type { QueryRewriter } from "#rag/query-rewriter.ts";
import type { OpenAIUsageMonitor, Usage } from "./usage-monitor.ts";

/** Counts the billed calls of ports: each method returns the same port, metered. */
export interface Metering {
  embedder(embedder: Embedder): Embedder;
  /** Also adds the cost to an answer when its provider does not report it. */
  generator(generator: Generator): Generator;
  /** Likewise. */
  rewriter(rewriter: QueryRewriter): QueryRewriter;
}

/**
 * Counts each billed call once, where whatever retries is inside and whatever traces outside. Calls that bill no token,
 * such as those of a model in this process or a cache, are not counted.
 *
 * @param onInvalidUsage called with invalid usage that a provider reports; the call itself succeeds
 */
export function createMetering(
  monitor: Pick<OpenAIUsageMonitor, "recordUsage">,
  onInvalidUsage: (error: unknown) => void,
): Metering {
  const record = (usage: Usage): number | undefined => {
    if (usage.promptTokens === 0 && usage.completionTokens === 0 && !usage.costUsd) return undefined;
    try {
      return monitor.recordUsage(usage);
    } catch (error) {
      onInvalidUsage(error);
      return undefined;
    }
  };
  return {
    embedder: (embedder) => meterEmbedder(embedder, record),
    generator: (generator) => meterGenerator(generator, record),
    rewriter: (rewriter) => meterRewriter(rewriter, record),
  };
}

type RecordUsage = OpenAIUsageMonitor["recordUsage"];

function meterEmbedder(embedder: Embedder, record: RecordUsage): Embedder {
  const { model } = embedder;
  return {
    ...traitsOf(embedder),
    async embed(texts, call) {
      const embeddings = await embedder.embed(texts, call);
      record({ model, promptTokens: embeddings.tokens, completionTokens: 0, operation: "embeddings" });
      return embeddings;
    },
  };
}

function meterGenerator(generator: Generator, record: RecordUsage): Generator {
  return {
    ...identityOf(generator),
    generate: async (prompt, call) => priced(await generator.generate(prompt, call), generator, record),
  };
}

function meterRewriter(rewriter: QueryRewriter, record: RecordUsage): QueryRewriter {
  return {
    ...identityOf(rewriter),
    rewrite: async (question, history, call) =>
      priced(await rewriter.rewrite(question, history, call), rewriter, record),
  };
}

type ChatResult = Pick<Generation, "model" | "promptTokens" | "completionTokens" | "costUsd">;

/** The result of a chat model, counted, with its cost where that is known. */
function priced<Result extends ChatResult>(
  result: Result,
  { model: requestedModel }: Identity,
  record: RecordUsage,
): Result {
  const { model, promptTokens, completionTokens, costUsd: charged } = result;
  const usage = { model, requestedModel, promptTokens, completionTokens, operation: "chat" as const };
  const costUsd = record(charged === undefined ? usage : { ...usage, costUsd: charged });
  return charged === undefined && costUsd !== undefined ? { ...result, costUsd } : result;
}
