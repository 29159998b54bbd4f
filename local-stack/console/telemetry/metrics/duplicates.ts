import { createHash } from "node:crypto";
import type { HistogramPoint, NumberPoint, OtlpMetric } from "#console/receiver/payload.ts";

/** Points that are remembered: some hundred exports. */
const REMEMBERED = 20_000;

interface Duplicates {
  /** Whether this very point was received before: same sender, series, times and values. */
  has(metric: OtlpMetric, point: NumberPoint | HistogramPoint): boolean;
}

/**
 * Recognizes a delta point that is sent again because the response to the first export was lost. Without start and time it
 * cannot be told from a new one, and counts.
 */
export function createDuplicates(): Duplicates {
  const seen = new Set<string>();
  return {
    has({ name, resource, scope }, point) {
      if (point.startTimeUnixNano === 0n || point.timeUnixNano === 0n) return false;
      const text = JSON.stringify([name, resource.attributes, scope.name, point], withBigInts);
      const key = createHash("sha1").update(text).digest("base64");
      if (seen.has(key)) return true;
      seen.add(key);
      for (const oldest of seen) {
        if (seen.size <= REMEMBERED) break;
        seen.delete(oldest);
      }
      return false;
    },
  };
}

function withBigInts(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
