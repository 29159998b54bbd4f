import type { EventBus } from "#console/server/api.ts";
import { atMostEvery } from "#console/server/at-most-every.ts";

const EVERY_MS = 250;
/** A page that hears of this many lists anew, whatever they are. */
const MAX_IDS = 1_000;

/**
 * Tells open pages which traces have new spans, together at most every 250 ms.
 *
 * @returns a function that takes the ids
 */
export function announceTraces(events: EventBus): (traceIds: Iterable<string>) => void {
  const waiting = new Set<string>();
  const announce = atMostEvery(EVERY_MS, () => {
    events.emit("traces", { trace_ids: [...waiting] });
    waiting.clear();
  });
  return (traceIds) => {
    for (const id of traceIds) if (waiting.size < MAX_IDS) waiting.add(id);
    announce();
  };
}
