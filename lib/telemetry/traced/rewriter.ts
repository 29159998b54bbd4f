import { identityOf } from "#rag/identity.ts";
import type { QueryRewriter } from "#rag/query-rewriter.ts";
import { ATTR } from "#telemetry/attributes.ts";
import { genAiCall, genAiRequest } from "./gen-ai.ts";
import { usageAttributes } from "./generator.ts";
import { inputAttributes, outputAttributes } from "./open-inference.ts";
import { type Instrumentation, kindOf, withStage } from "./span.ts";

/**
 * The same rewriter with a `rag.query_rewrite` span per call: that of a chat model when it calls a service; INTERNAL when it
 * works in this process.
 */
export function traceRewriter(rewriter: QueryRewriter, instrumentation: Instrumentation): QueryRewriter {
  const identity = identityOf(rewriter);
  const { metrics, captureContent } = instrumentation;
  const request = identity.address === undefined ? undefined : genAiRequest("chat", identity);

  return {
    ...identity,
    rewrite(question, history, options) {
      const call = request && genAiCall(metrics, "chat", request);
      const attributes = {
        ...request,
        [ATTR.openInferenceSpanKind]: call ? "LLM" : "CHAIN",
        [ATTR.modelName]: identity.model,
        [ATTR.messagesCount]: history.length,
        ...(captureContent && inputAttributes(question)),
      };
      const spec = { kind: kindOf(identity), attributes, ...(call && { onEnd: call.ended }) };

      return withStage(instrumentation, "query_rewrite", spec, async (span) => {
        const rewrite = await rewriter.rewrite(question, history, options);
        const { model, promptTokens: prompt, completionTokens: completion } = rewrite;
        span.setAttributes({
          ...(call ? usageAttributes(rewrite) : { [ATTR.tokensPrompt]: prompt, [ATTR.tokensCompletion]: completion }),
          [ATTR.rewritten]: rewrite.question !== question,
          ...(captureContent && outputAttributes(rewrite.question)),
        });
        call?.answered(model, { prompt, completion });
        return rewrite;
      });
    },
  };
}
