import type { Message, QueryRewriter } from "#rag/query-rewriter.ts";
import { dependsOnHistory, isElliptical } from "./depends-on-history.ts";
import { isName, isSignificant, tokensOf } from "./question-words.ts";

/** More would outweigh the words of the follow-up. */
const MAX_TOPIC_WORDS = 12;

/**
 * Rewrites follow-ups without a model, by a rule for English: the significant words of the last question that stood alone,
 * and of those since, are put before it. "How do I turn telemetry off?", "and only the traces?" → "turn telemetry off: and
 * only the traces?" Only what the user said is used: an answer may have been about something else.
 */
export function createFollowUpRewriter(): QueryRewriter {
  const model = "follow-up-rule";
  return {
    provider: "edge-rag",
    model,
    async rewrite(question, history) {
      const topic = dependsOnHistory(question) ? topicOf(question, history) : [];
      return {
        question: topic.length > 0 ? `${topic.join(" ")}: ${question}` : question,
        ...{ promptTokens: 0, completionTokens: 0, model },
      };
    },
  };
}

function topicOf(question: string, history: readonly Message[]): string[] {
  const asked = history.filter(({ role }) => role === "user").map(({ content }) => content);
  const begin = asked.findLastIndex((text) => !dependsOnHistory(text));
  const own = tokensOf(question).filter(isSignificant);
  const known = new Set(own.map((word) => word.toLowerCase()));
  // "and Jaeger?" after "Which port does Grafana use?" is not about Grafana.
  const replacesName = isElliptical(question) && own.some(isName);
  const topic = asked
    .slice(Math.max(0, begin))
    .flatMap((text) => tokensOf(text))
    .filter((word) => isSignificant(word) && !(replacesName && isName(word)))
    .filter((word) => {
      const isNew = !known.has(word.toLowerCase());
      known.add(word.toLowerCase());
      return isNew;
    });
  return topic.slice(-MAX_TOPIC_WORDS);
}
