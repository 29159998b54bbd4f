import type { HealthSources } from "#http/routes/health.ts";
import type { UsageStats } from "#usage/usage-monitor.ts";

/** `usage` of `/health?deep=1`: the usage of this process. */
export function usageOf(stats: UsageStats): ReturnType<HealthSources["usage"]> {
  return {
    prompt_tokens: stats.promptTokens,
    completion_tokens: stats.completionTokens,
    cost_usd: stats.costUsd,
    requests: stats.requests,
    unpriced_requests: stats.unpricedRequests,
  };
}
