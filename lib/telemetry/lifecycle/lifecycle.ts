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
  /** A server, which itself flushes a last time when it stops. */
  | { kind: "server" }
  /** Cloudflare's workerd: nothing runs but for a request, and what is left of one runs after its response. */
  | { kind: "worker"; flushDelayMs: number }
  /** A process that keeps running after a response: serverless-offline, a test. */
  | { kind: "offline" };

/**
 * `final` also sends while the breaker is open: no flush follows. Resolves with whether everything was sent, and with what
 * goes on and will record more, if anything does.
 */
export type Flush = (budgetMs: number, final?: boolean) => Promise<{ ok: boolean; pending?: Promise<unknown> }>;

/** How long a response may wait for an inline flush: 300 ms with all that surrounds it. */
const INLINE_BUDGET_MS = 280;
const INTERVAL_MS = 5_000;
/** Shorter, as nothing else flushes: what a killed server loses, and what its spans take of memory. */
const SERVER_INTERVAL_MS = 1_000;
/** Time limit of a background flush, which nothing waits for. */
const BACKGROUND_BUDGET_MS = 10_000;
/** Between background flushes: nobody needs a trace sooner, and a flush is half of what telemetry costs. */
const BACKGROUND_PAUSE_MS = 100;
/** Workerd ends what is left of a request 30 s after its response; for a margin, less. */
const AFTER_RESPONSE_MS = 28_000;
/** Between a worker's attempts. Most of them find the circuit still open, and send nothing. */
const RETRY_PAUSE_MS = 1_000;

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
  let pausing: NodeJS.Timeout | undefined;
  let isDue = false;

  function flushNow(): void {
    isDue = false;
    void flush(BACKGROUND_BUDGET_MS).then(({ pending }) => pending?.then(flushSoon));
    pausing = setTimeout(() => {
      pausing = undefined;
      if (isDue) flushNow();
    }, BACKGROUND_PAUSE_MS).unref();
  }
  function flushSoon(): void {
    if (pausing) isDue = true;
    else flushNow();
  }
  return {
    async responded() {
      flushSoon();
    },
  };
}

/**
 * After its response, a request waits a while and then flushes what it and others recorded, unless another that waits will
 * do so soon: one timer for many requests, as a timer of the platform costs as much as a span. Where not everything was
 * sent, the latest flush is repeated for as long as the platform allows: the isolate may be gone before the next request.
 *
 * @param delayMs for which a request waits for others to share a flush
 */
export function flushTogether(flush: Flush, delayMs: number): Lifecycle {
  let begun = 0;
  /** When the request that waits is to flush; past, when there is none, or the platform has ended it. */
  let dueAt = 0;
  return {
    async responded() {
      const now = Date.now();
      if (now < dueAt) return;
      dueAt = now + delayMs;
      const before = begun;
      await pause(delayMs);
      if (begun > before) return;
      begun += 1;
      dueAt = 0;
      const own = begun;
      while (begun === own) {
        const { ok } = await flush(Math.min(BACKGROUND_BUDGET_MS, now + AFTER_RESPONSE_MS - Date.now()));
        if (ok || Date.now() + RETRY_PAUSE_MS >= now + AFTER_RESPONSE_MS) return;
        await pause(RETRY_PAUSE_MS);
      }
    },
  };
}

/** Of a request: what waits holds it open. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Nothing waits; the process keeps running, and gets SIGTERM before it ends. */
export function flushPeriodically(flush: Flush): Lifecycle {
  setInterval(() => void flush(INTERVAL_MS), INTERVAL_MS).unref();
  return { async responded() {} };
}

/** Nothing waits; the process keeps running, and flushes a last time before it ends. */
export function flushEverySecond(flush: Flush): Lifecycle {
  setInterval(() => void flush(BACKGROUND_BUDGET_MS), SERVER_INTERVAL_MS).unref();
  return { async responded() {} };
}
