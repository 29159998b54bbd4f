import { setTimeout as delay, setImmediate as nextTurn } from "node:timers/promises";
import type { ExtensionEvent, ExtensionsApi } from "./extensions-api.ts";
import { type Flush, flushInline, type Lifecycle } from "./lifecycle.ts";

/** Time before the invocation's deadline that a flush must leave. */
const MARGIN_MS = 100;
/**
 * The longest that a flush may delay the next invocation. A request without a response by then stays in flight through
 * the freeze, and its response is read after the thaw.
 */
const AFTER_RESPONSE_MS = 1_000;

/** Delays between attempts while the Extensions API fails, doubled up to the longest. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;
/** Beyond this many, responses whose event never came, as after a deadline, are forgotten. */
const MAX_REMEMBERED = 100;

/**
 * Flushes between an invocation's response and the moment when the environment may freeze: the loop of an internal
 * extension, which requests the next event only after the flush. While the Extensions API fails, each response waits for
 * its own telemetry; the extension keeps requesting events, because the platform keeps waiting for it.
 *
 * @param settle waits for what goes on after a response, before its flush
 */
export function flushAfterResponses(
  extension: ExtensionsApi,
  flush: Flush,
  flushInTime = flush,
  settle: (ms: number) => Promise<void> = async () => {},
): Lifecycle {
  const invocations = new Map<string, PromiseWithResolvers<void>>();
  const fallback = flushInline(flushInTime);
  let failing = false;

  /** The event and the response of an invocation come in either order. */
  function invocation(requestId: string): PromiseWithResolvers<void> {
    const known = invocations.get(requestId) ?? Promise.withResolvers<void>();
    invocations.set(requestId, known);
    const [oldest] = invocations.keys();
    if (invocations.size > MAX_REMEMBERED && oldest !== undefined) invocations.delete(oldest);
    return known;
  }

  async function nextEvent(): Promise<ExtensionEvent> {
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        const event = await extension.next();
        failing = false;
        return event;
      } catch {
        failing = true;
        await delay(pause, undefined, { ref: false });
      }
    }
  }

  async function loop(): Promise<never> {
    while (true) {
      const { eventType, requestId, deadlineMs } = await nextEvent();
      if (eventType !== "INVOKE") continue;
      const { promise, resolve } = invocation(requestId);
      // Not an abortable delay: the error that ends one takes 45 µs.
      const late = setTimeout(resolve, Math.max(0, deadlineMs - Date.now() - MARGIN_MS)).unref();
      await promise;
      clearTimeout(late);
      invocations.delete(requestId);
      // The runtime client (aws-lambda-ric 4) posts the response in a later turn of the event loop than the handler's.
      await nextTurn();
      await nextTurn();
      const leftMs = () => Math.max(0, deadlineMs - Date.now() - MARGIN_MS);
      await settle(Math.max(0, leftMs() - AFTER_RESPONSE_MS));
      await flush(Math.min(AFTER_RESPONSE_MS, leftMs()));
    }
  }
  // A flush never rejects and a failing API is retried: this catches a bug of our own.
  loop().catch(() => {
    failing = true;
  });
  return {
    async responded(about) {
      invocation(about.requestId).resolve();
      if (failing) await fallback.responded(about);
    },
  };
}
