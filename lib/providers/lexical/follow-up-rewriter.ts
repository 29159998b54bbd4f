import type { QueryRewriter } from "#rag/query-rewriter.ts";

export function createFollowUpRewriter(): QueryRewriter {
  const model = "follow-up-rule";
  return {
    provider: "edge-rag",
    model,
    rewrite: async (question) => ({ question, promptTokens: 0, completionTokens: 0, model }),
  };
}
