import { withTimeLimit } from "#async/time-limit.ts";

export interface FlushResult {
  ok: boolean;
  /** One short line per signal that was not sent: "traces: ECONNREFUSED", "metrics: HTTP 503". */
  errors: string[];
  /** What goes on and will record more, for another flush; absent when nothing does. Never rejects. */
  pending?: Promise<unknown>;
}

/** How long flushes took or waited, in milliseconds. */
export interface FlushTimes {
  count: number;
  last_ms: number;
  max_ms: number;
}

interface Flushed {
  flush(budgetMs: number, final?: boolean): Promise<void>;
}

/** Flushes signals in parallel, each within the budget. The flush never throws. */
export function createFlush(signals: Readonly<Record<string, Flushed>>) {
  const times: FlushTimes = { count: 0, last_ms: 0, max_ms: 0 };

  async function flush(budgetMs: number, final = false): Promise<FlushResult> {
    const started = performance.now();
    const names = Object.keys(signals);
    const results = await Promise.allSettled(
      Object.values(signals).map((signal) => withTimeLimit({ ms: budgetMs }, () => signal.flush(budgetMs, final))),
    );
    const errors = results.flatMap((result, position) =>
      result.status === "rejected" ? [`${names[position]}: ${reasonOf(result.reason)}`] : [],
    );
    times.count += 1;
    times.last_ms = performance.now() - started;
    times.max_ms = Math.max(times.max_ms, times.last_ms);
    return { ok: errors.length === 0, errors };
  }
  return { flush, times: (): FlushTimes => ({ ...times }) };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "export failed";
  return /^\d{3}$/.test(error.message) ? `HTTP ${error.message}` : error.message;
}
