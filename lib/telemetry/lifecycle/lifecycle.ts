/** When telemetry is flushed, in one kind of runtime. */
export interface Lifecycle {
  /** Called when an invocation has its response. Settles when the response may be sent. Never rejects. */
  responded(invocation: Responded): Promise<void>;
}

export interface Responded {
  requestId: string;
  /** Milliseconds since the epoch at which the runtime ends the invocation. */
  deadlineMs: number;
}

/** The runtime, as far as it decides when to flush. */
export type Runtime =
  /** Frozen after each response, once the runtime and all extensions have requested the next event. */
  | { kind: "lambda"; runtimeApi: string }
  /** Lambda managed instances: concurrent invocations, never frozen, no events for extensions. */
  | { kind: "managed" }
  /** A process that keeps running after a response: serverless-offline, a test. */
  | { kind: "offline" };

/** `final` also sends while the breaker is open: no flush follows. */
export type Flush = (budgetMs: number, final?: boolean) => Promise<unknown>;

/** How long a response may wait for an inline flush: 300 ms with all that surrounds it. */
const INLINE_BUDGET_MS = 280;
const INTERVAL_MS = 5_000;
/** Time limit of a background flush, which nothing waits for. */
const BACKGROUND_BUDGET_MS = 10_000;
/** Between background flushes: nobody needs a trace sooner, and a flush is half of what telemetry costs. */
const BACKGROUND_PAUSE_MS = 100;

/** Each response waits for its own telemetry, within a small budget. */
export function flushInline(flush: Flush): Lifecycle {
  return {
    async responded({ deadlineMs }) {
      const left = deadlineMs - Date.now();
      await flush(Math.max(0, Math.min(INLINE_BUDGET_MS, left / 2)));
    },
  };
}

/** Nothing waits; the process keeps running. Responses in quick succession share a flush. */
export function flushInBackground(flush: Flush): Lifecycle {
  process.once("beforeExit", () => void flush(BACKGROUND_BUDGET_MS, true));
  let pause: NodeJS.Timeout | undefined;
  let isDue = false;

  function flushNow(): void {
    isDue = false;
    void flush(BACKGROUND_BUDGET_MS);
    pause = setTimeout(() => {
      pause = undefined;
      if (isDue) flushNow();
    }, BACKGROUND_PAUSE_MS).unref();
  }
  return {
    async responded() {
      if (pause) isDue = true;
      else flushNow();
    },
  };
}

/** Nothing waits; the process keeps running, and gets SIGTERM before it ends. */
export function flushPeriodically(flush: Flush): Lifecycle {
  setInterval(() => void flush(INTERVAL_MS), INTERVAL_MS).unref();
  return { async responded() {} };
}
