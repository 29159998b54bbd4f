import { SpanKind } from "@opentelemetry/api";
import { traitsOf } from "#rag/identity.ts";
import type { Embedder } from "#rag/ports.ts";
import { ATTR } from "#telemetry/attributes.ts";
import { genAiCall, genAiRequest } from "./gen-ai.ts";
import { embeddedTextAttributes } from "./open-inference.ts";
import { type Instrumentation, withStage } from "./span.ts";

/**
 * The same embedder with a `rag.embedding` span per call. `cache.hit` is true when no vector had to be computed; such
 * a call does not reach a model, so it does not count as a GenAI operation.
 */
export function traceEmbedder(embedder: Embedder, instrumentation: Instrumentation): Embedder {
  const { metrics, captureContent } = instrumentation;
  const { dimensions, model } = embedder;
  const request = genAiRequest("embeddings", embedder);
  const attributes = {
    ...request,
    [ATTR.openInferenceSpanKind]: "EMBEDDING",
    [ATTR.modelName]: model,
    [ATTR.embeddingModelName]: model,
    [ATTR.genAiEmbeddingsDimensionCount]: dimensions,
  };

  return {
    ...traitsOf(embedder),
    embed(texts, options) {
      const call = genAiCall(metrics, "embeddings", request);
      let allCached = false;
      const onEnd = (seconds: number, errorType: string | undefined) => {
        if (!allCached) call.ended(seconds, errorType);
      };

      return withStage(instrumentation, "embedding", { kind: SpanKind.CLIENT, attributes, onEnd }, async (span) => {
        span.setAttribute(
          ATTR.textLength,
          texts.reduce((length, text) => length + text.length, 0),
        );
        if (captureContent) span.setAttributes(embeddedTextAttributes(texts));
        const embeddings = await embedder.embed(texts, options);
        const { cacheHits, tokens } = embeddings;
        allCached = texts.length > 0 && cacheHits === texts.length;
        span.setAttributes({
          [ATTR.cacheHit]: allCached,
          [ATTR.genAiResponseModel]: model,
          [ATTR.genAiUsageInputTokens]: tokens,
        });
        if (cacheHits > 0) metrics.cacheHits.add(cacheHits);
        if (texts.length > cacheHits) metrics.cacheMisses.add(texts.length - cacheHits);
        call.answered(model, { prompt: tokens, completion: 0 });
        return embeddings;
      });
    },
  };
}
