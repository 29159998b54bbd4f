import { RATINGS } from "./_groups.ts";
import type { Load } from "./_load.ts";
import { CHAT_MODEL } from "./_scripted-ports.ts";
import { spansOf, type Truth } from "./_truth.ts";

/**
 * The value that each alerting rule compares with its threshold, computed from the load; several values are sorted in
 * descending order. 0 if there is nothing to compare, which includes rules about previous days.
 *
 * @param seriesShare Share of the collector's series limit in use.
 */
export function comparedByAlerts(load: Load, truth: Truth, seriesShare: number): Record<string, number | number[]> {
  const chatTokens = (truth.tokens[`prompt ${CHAT_MODEL}`] ?? 0) + (truth.tokens[`completion ${CHAT_MODEL}`] ?? 0);
  const { scores, ratings } = truth.quality;
  const { answered, not_found } = truth.outcomes;
  return {
    RagAvailabilityBudgetBurn: truth.failed / truth.requests,
    RagLatencyBudgetBurn: truth.slow / truth.judged,
    RagCacheHitDrop: truth.cache.ratio,
    RagZeroResults: truth.empty / truth.searches,
    RagGroundednessDrop: sum(scores) / scores.length,
    RagRefusalsJump: not_found / (answered + not_found),
    RagNegativeFeedbackJump: ratings.negative / (ratings.negative + ratings.positive),
    RagTokenSpike: chatTokens / truth.chats,
    RagCostSpike: truth.costTotal,
    RagQueriesDegraded: Object.values(truth.degraded)
      .sort((a, b) => b - a)
      .map((count) => count / truth.judged),
    RagProviderThrottled: truth.errors.llm_generation / truth.calls,
    RagColdStarts: truth.coldStarts / truth.requests,
    RagFunctionTimeouts: truth.timeouts / truth.requests,
    RagTelemetryAbsent: 0,
    RagTelemetryDropped:
      load.dropped / (spansOf(load.asked) + load.messages.taken + load.messages.refused + sum(Object.values(RATINGS))),
    CollectorDown: 1,
    CollectorExportStalled: 0,
    CollectorQueueFilling: 0,
    CollectorLosingTelemetry: 0,
    CollectorRefusing: 0,
    CollectorSeriesLimit: seriesShare,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Alerts caused by the load; all others must not fire. */
export const RAISED = [
  "RagAvailabilityBudgetBurn 1h",
  "RagAvailabilityBudgetBurn 6h",
  "RagAvailabilityBudgetBurn 1d",
  "RagQueriesDegraded",
  "RagProviderThrottled",
  "RagFunctionTimeouts",
];
