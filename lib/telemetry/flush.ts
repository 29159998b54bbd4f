import { within } from "./within.ts";

export interface FlushResult {
  ok: boolean;
  /** One short line per signal that was not sent: "traces: ECONNREFUSED". */
  errors: string[];
}

/** Flushes every signal side by side, each within the budget. Never throws. */
export async function flushAll(
  signals: Readonly<Record<string, { flush(): Promise<void> }>>,
  budgetMs: number,
): Promise<FlushResult> {
  const names = Object.keys(signals);
  const results = await Promise.allSettled(Object.values(signals).map((signal) => within(budgetMs, signal.flush())));
  const errors = results.flatMap((result, position) =>
    result.status === "rejected" ? [`${names[position]}: ${reasonOf(result.reason)}`] : [],
  );
  return { ok: errors.length === 0, errors };
}

/** A status or an error code rather than a message, where there is one: servers put what they like into messages. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "export failed";
  if ("code" in error && typeof error.code === "number") return `HTTP ${error.code}`;
  if ("code" in error && typeof error.code === "string") return error.code;
  return error.message.slice(0, 120);
}
