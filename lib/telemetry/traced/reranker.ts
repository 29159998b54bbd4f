import { identityOf } from "#rag/identity.ts";
import type { Reranker } from "#rag/ports.ts";
import { ATTR } from "#telemetry/attributes.ts";
import { serverAttributes } from "./server-attributes.ts";
import { type Instrumentation, kindOf, withStage } from "./span.ts";
import { recordBestScore, resultAttributes } from "./store.ts";

/** The same reranker with a `rag.rerank` span per call; INTERNAL when it works in this process. */
export function traceReranker(reranker: Reranker, instrumentation: Instrumentation): Reranker {
  const identity = identityOf(reranker);
  const { model } = identity;

  return {
    ...identity,
    rerank(question, hits, limit, call) {
      const attributes = {
        [ATTR.openInferenceSpanKind]: "RERANKER",
        [ATTR.candidatesCount]: hits.length,
        [ATTR.modelName]: model,
        ...serverAttributes(identity),
      };
      return withStage(instrumentation, "rerank", { kind: kindOf(identity), attributes }, async (span) => {
        const ranked = await reranker.rerank(question, hits, limit, call);
        span.setAttributes(resultAttributes(ranked));
        recordBestScore(instrumentation, "rerank", ranked);
        return ranked;
      });
    },
  };
}
