import { identityOf } from "#rag/identity.ts";
import type { Reranker } from "#rag/ports.ts";
import { ATTR, CONTENT_ATTR } from "#telemetry/attributes.ts";
import { inputAttributes, setDocuments } from "./open-inference.ts";
import { serverAttributes } from "./server-attributes.ts";
import { type Instrumentation, kindOf, withStage } from "./span.ts";
import { recordScores } from "./store.ts";

/** The same reranker with a `rag.rerank` span per call; INTERNAL when it works in this process. */
export function traceReranker(reranker: Reranker, instrumentation: Instrumentation): Reranker {
  const identity = identityOf(reranker);
  const { model } = identity;
  const { captureContent } = instrumentation;
  const attributes = {
    [ATTR.openInferenceSpanKind]: "RERANKER",
    [ATTR.modelName]: model,
    [ATTR.rerankerModelName]: model,
    ...serverAttributes(identity),
  };
  const spec = { kind: kindOf(identity), attributes };

  return {
    ...identity,
    rerank(question, hits, limit, call) {
      return withStage(instrumentation, "rerank", spec, async (span) => {
        span.setAttribute(ATTR.candidatesCount, hits.length);
        span.setAttribute(ATTR.rerankerTopK, limit);
        if (captureContent) {
          span.setAttributes({ [CONTENT_ATTR.rerankerQuery]: question, ...inputAttributes(question) });
        }
        setDocuments(span, "reranker.input_documents", hits, instrumentation);
        const ranked = await reranker.rerank(question, hits, limit, call);
        recordScores(span, instrumentation, "rerank", ranked);
        setDocuments(span, "reranker.output_documents", ranked, instrumentation);
        return ranked;
      });
    },
  };
}
