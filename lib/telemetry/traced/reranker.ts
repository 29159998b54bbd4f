import { identityOf } from "#rag/identity.ts";
import type { Reranker } from "#rag/ports.ts";
import { ATTR, CONTENT_ATTR } from "#telemetry/attributes.ts";
import { documentAttributes, inputAttributes } from "./open-inference.ts";
import { serverAttributes } from "./server-attributes.ts";
import { type Instrumentation, kindOf, withStage } from "./span.ts";
import { recordBestScore, resultAttributes } from "./store.ts";

/** The same reranker with a `rag.rerank` span per call; INTERNAL when it works in this process. */
export function traceReranker(reranker: Reranker, instrumentation: Instrumentation): Reranker {
  const identity = identityOf(reranker);
  const { model } = identity;
  const { captureContent } = instrumentation;

  return {
    ...identity,
    rerank(question, hits, limit, call) {
      const attributes = {
        [ATTR.openInferenceSpanKind]: "RERANKER",
        [ATTR.candidatesCount]: hits.length,
        [ATTR.modelName]: model,
        [ATTR.rerankerModelName]: model,
        [ATTR.rerankerTopK]: limit,
        ...(captureContent && { [CONTENT_ATTR.rerankerQuery]: question, ...inputAttributes(question) }),
        ...documentAttributes("reranker.input_documents", hits, captureContent),
        ...serverAttributes(identity),
      };
      return withStage(instrumentation, "rerank", { kind: kindOf(identity), attributes }, async (span) => {
        const ranked = await reranker.rerank(question, hits, limit, call);
        span.setAttributes({
          ...resultAttributes(ranked),
          ...documentAttributes("reranker.output_documents", ranked, captureContent),
        });
        recordBestScore(instrumentation, "rerank", ranked);
        return ranked;
      });
    },
  };
}
