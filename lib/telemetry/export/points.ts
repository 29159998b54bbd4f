import type { ResourceMetrics } from "@opentelemetry/sdk-metrics";

/** The number of data points in a collection. */
export function pointsIn({ scopeMetrics }: ResourceMetrics): number {
  return scopeMetrics.flatMap(({ metrics }) => metrics).reduce((sum, { dataPoints }) => sum + dataPoints.length, 0);
}
