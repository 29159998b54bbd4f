/** The list of traces while new ones arrive. */
import type { TraceSummary } from "#console/contract.ts";

/** As many as `GET /console/api/traces` returns at most. */
export const MOST = 5000;

export interface LiveList {
  /** Newest first. */
  traces: readonly TraceSummary[];
  /** New ones that are not among {@link traces} yet, because the reader would lose their place. Newest first. */
  held: readonly TraceSummary[];
}

/**
 * Takes in the newest traces.
 *
 * @param isHeld whether new ones are held back; those that are known are brought up to date
 * @returns nothing when traces may be missing between the newest ones and the list
 */
export function mergeNewest(
  { traces, held }: LiveList,
  newest: readonly TraceSummary[],
  { isHeld, isComplete }: { isHeld: boolean; isComplete: boolean },
): LiveList | undefined {
  const byId = new Map(newest.map((trace) => [trace.trace_id, trace]));
  const update = (trace: TraceSummary): TraceSummary => {
    const updated = byId.get(trace.trace_id);
    byId.delete(trace.trace_id);
    return updated ?? trace;
  };
  const updated = traces.map(update);
  const stillHeld = held.map(update);
  if (!isComplete && byId.size === newest.length && newest.length > 0) return undefined;
  const merged = { traces: updated, held: sorted([...byId.values(), ...stillHeld]) };
  return isHeld ? merged : release(merged);
}

/** Shows the traces that were held back. */
export function release({ traces, held }: LiveList): LiveList {
  if (held.length === 0) return { traces, held };
  return { traces: sorted([...held, ...traces]).slice(0, MOST), held: [] };
}

function sorted(traces: TraceSummary[]): TraceSummary[] {
  return traces.sort((a, b) => b.start_ms - a.start_ms);
}
