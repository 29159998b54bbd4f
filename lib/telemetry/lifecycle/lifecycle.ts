/** When telemetry leaves the process, in one kind of runtime. */
export interface Lifecycle {
  /** Tells that an invocation has its response. Settles when that response may leave. Never rejects. */
  responded(invocation: Responded): Promise<void>;
}

export interface Responded {
  requestId: string;
  /** Milliseconds since the epoch at which the runtime ends the invocation. */
  deadlineMs: number;
}

/** Where the process runs, as far as it decides when to flush. */
export type Runtime =
  /** Frozen after each response, once the runtime and all extensions have asked for the next event. */
  | { kind: "lambda"; runtimeApi: string }
  /** Lambda managed instances: many invocations at once, never frozen, no events for extensions. */
  | { kind: "managed" }
  /** A process that goes on after a response: serverless-offline, a test. */
  | { kind: "offline" };

/** `last` sends even what an open breaker would hold back: there is no later. */
export type Flush = (budgetMs: number, last?: boolean) => Promise<unknown>;

/** What a response may wait for telemetry where that has to leave before the freeze: 300 ms with the rest of the way. */
const INLINE_BUDGET_MS = 280;
const INTERVAL_MS = 5_000;
/** What a flushInBackground flush may take; nobody waits for it. */
const DETACHED_BUDGET_MS = 10_000;
/** Between flushInBackground flushes: nobody sees a trace sooner, and two requests each are half of what telemetry costs. */
const DETACHED_PAUSE_MS = 100;

/** Each response waits for its own telemetry, a little while. */
export function flushInline(flush: Flush): Lifecycle {
  return {
    async responded({ deadlineMs }) {
      const left = deadlineMs - Date.now();
      await flush(Math.max(0, Math.min(INLINE_BUDGET_MS, left / 2)));
    },
  };
}

/** Nobody waits; the process goes on. Responses that come close together share a flush. */
export function flushInBackground(flush: Flush): Lifecycle {
  process.once("beforeExit", () => void flush(DETACHED_BUDGET_MS, true));
  let pause: NodeJS.Timeout | undefined;
  let isDue = false;

  function flushNow(): void {
    isDue = false;
    void flush(DETACHED_BUDGET_MS);
    pause = setTimeout(() => {
      pause = undefined;
      if (isDue) flushNow();
    }, DETACHED_PAUSE_MS).unref();
  }
  return {
    async responded() {
      if (pause) isDue = true;
      else flushNow();
    },
  };
}

/** Nobody waits; the process goes on and is told before it ends. */
export function flushPeriodically(flush: Flush): Lifecycle {
  setInterval(() => void flush(INTERVAL_MS), INTERVAL_MS).unref();
  return { async responded() {} };
}
