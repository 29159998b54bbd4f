import { setTimeout as delay, setImmediate as nextTurn } from "node:timers/promises";
import type { ExtensionsApi } from "./extensions-api.ts";
import { type Flush, inline, type Lifecycle } from "./lifecycle.ts";

/** What a flush after the response leaves of the invocation's time. */
const MARGIN_MS = 100;
/**
 * The longest a flush may keep the environment from its next invocation. What is not answered by then stays under way
 * through the freeze, and its outcome is seen after the thaw.
 */
const AFTER_RESPONSE_MS = 1_000;

/**
 * Flushes between an invocation's response and the moment the environment may freeze: the loop of an internal
 * extension, which asks for the next event only once its telemetry is out.
 */
export function flushAfterResponses(extension: ExtensionsApi, flush: Flush): Lifecycle {
  const invocations = new Map<string, PromiseWithResolvers<void>>();
  let lifecycle: Lifecycle = {
    async responded({ requestId }) {
      invocation(requestId).resolve();
    },
  };

  /** The event and the response of an invocation come in either order. */
  function invocation(requestId: string): PromiseWithResolvers<void> {
    const known = invocations.get(requestId) ?? Promise.withResolvers<void>();
    invocations.set(requestId, known);
    return known;
  }

  async function loop(): Promise<never> {
    while (true) {
      const { eventType, requestId, deadlineMs } = await extension.next();
      if (eventType !== "INVOKE") continue;
      const giveUp = new AbortController();
      const late = delay(Math.max(0, deadlineMs - Date.now() - MARGIN_MS), undefined, {
        signal: giveUp.signal,
        ref: false,
      });
      await Promise.race([invocation(requestId).promise, late.catch(() => {})]);
      giveUp.abort();
      invocations.delete(requestId);
      // The runtime client (aws-lambda-ric 4) posts the response in a turn of its own after the handler has settled.
      await nextTurn();
      await nextTurn();
      await flush(Math.max(0, Math.min(AFTER_RESPONSE_MS, deadlineMs - Date.now() - MARGIN_MS)));
    }
  }
  loop().catch(() => {
    // The Extensions API is gone: each response waits for its own telemetry from now on.
    lifecycle = inline(flush);
  });
  return { responded: (about) => lifecycle.responded(about) };
}
