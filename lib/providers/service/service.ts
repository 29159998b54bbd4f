import { CircuitBreaker } from "#async/breaker.ts";
import { RecentDurations } from "#async/recent-durations.ts";
import { delayMs } from "#async/retry-after.ts";
import { withTimeLimit } from "#async/time-limit.ts";
import { subrequestLimitOf } from "#rag/errors.ts";
import type { Call } from "#rag/ports.ts";
import { isRetryable, isUnstarted, isUnusable } from "./faults.ts";
import { ServiceError } from "./service-error.ts";

/** Time limit and retries of one kind of call. */
export interface Limits {
  /** Milliseconds for the call, all attempts included. */
  timeoutMs: number;
  /** Maximum share of the caller's remaining time that the call may take, in (0, 1]. */
  share: number;
  /** Maximum number of attempts, the first one included. */
  attempts: number;
  /**
   * Share of the call's time that each attempt may take, for quick requests that are worth repeating when a connection
   * hangs. By default the first attempt may take all of it. After a timeout another attempt is made only with as much
   * time again: slow work would otherwise be begun once more, with less time, while the service is still busy with what
   * was abandoned.
   */
  attemptShare?: number;
  /**
   * Which failures are retried: "any" that is retryable (the default), or only those where the service cannot have
   * started to process the request, for calls that are billed.
   */
  retry?: "any" | "unstarted";
  /** Checked before each retry. */
  mayRetry?: () => boolean;
}

/** A failed attempt that is about to be retried. */
export interface Retry {
  service: string;
  error: unknown;
  /** Number of the failed attempt, from 1. */
  attempt: number;
  /** Milliseconds until the next attempt. */
  delayMs: number;
}

export interface ServiceOptions {
  /** For messages and metrics: "chat", "vector_store". */
  name: string;
  /** Called before each retry. */
  onRetry?: ((retry: Retry) => void) | undefined;
  /** Milliseconds since 1970. */
  now?: () => number;
  /** In [0, 1). */
  random?: () => number;
}

/** Runs a call of one service with a time budget, retries and a circuit breaker. */
export type Service = <T>(limits: Limits, call: Call | undefined, attempt: (call: Call) => Promise<T>) => Promise<T>;

/**
 * A call rejected by the circuit breaker ("circuit_open"), one whose caller had too little time left
 * ("deadline_exceeded"), or one stopped by its time limit ("timeout").
 */
export class CallError extends ServiceError {
  override readonly name = "CallError";
}

/** Consecutive failed calls that open the circuit. */
const FAILURES_TO_OPEN = 5;
const MAX_RETRY_AFTER_MS = 60_000;
const INITIAL_DELAY_MS = 100;
/** While no call has succeeded lately, a timeout counts as a failure after this share of `timeoutMs`, at most 2 s. */
const PATIENCE_SHARE = 0.25;
const MAX_PATIENCE_MS = 2_000;

/**
 * Creates the runner for one service's calls. Delays between attempts double from 100 ms, with jitter; `Retry-After`
 * replaces them. Only a {@link ServiceError} is retried or counts as a failure of the service, and not one of a request that
 * the platform did not let out.
 *
 * Callers that are short of time do not make a healthy service fail: a call that has less time than the fastest recent
 * one took is not begun, and a timeout counts as a failure only when the call had as much time as the slowest recent one
 * took. docs/decisions/0025-short-of-time.md
 *
 * @returns a runner that throws the last attempt's error, a {@link CallError}, or the reason of the caller's signal
 */
export function createService({ name, onRetry, now = Date.now, random = Math.random }: ServiceOptions): Service {
  const breaker = new CircuitBreaker({
    threshold: FAILURES_TO_OPEN,
    maxRetryAfterMs: MAX_RETRY_AFTER_MS,
    now,
    random,
  });

  const durations = new RecentDurations(now);

  return async (limits, call = {}, attempt) => {
    const { timeoutMs, share, attempts, attemptShare = 1, retry = "any", mayRetry } = limits;
    call.signal?.throwIfAborted();
    const startedAt = now();
    const budget = call.deadline === undefined ? Number.POSITIVE_INFINITY : (call.deadline - startedAt) * share;
    const givenMs = Math.max(0, Math.min(timeoutMs, budget));
    const deadline = startedAt + givenMs;
    const usual = durations.range();
    if (budget < Math.min(timeoutMs, Math.max(1, usual?.fastestMs ?? 0))) {
      throw shortOfTime(name, givenMs, usual?.fastestMs);
    }
    const permit = breaker.acquire();
    if (!permit) throw circuitOpen(name, breaker.remainingMs);
    const patienceMs = Math.min(timeoutMs, usual?.slowestMs ?? Math.min(timeoutMs * PATIENCE_SHARE, MAX_PATIENCE_MS));

    try {
      for (let number = 1; ; number += 1) {
        const attemptedAt = now();
        const limitMs = Math.max(0, Math.round(Math.min(givenMs * attemptShare, deadline - attemptedAt)));
        try {
          const result = await withTimeLimit(
            {
              ms: limitMs,
              signal: call.signal,
              reason: () => new CallError(`${name} timed out after ${limitMs} ms`, { code: "timeout" }),
            },
            (signal) => attempt({ ...call, deadline, signal }),
          );
          permit.succeeded();
          // The clock runs on while a function is frozen, but not its timers.
          durations.record(Math.max(0, Math.min(now() - attemptedAt, limitMs)));
          return result;
        } catch (error) {
          call.signal?.throwIfAborted();
          if (!(error instanceof ServiceError) || subrequestLimitOf(error)) throw error; // not the service's failure
          const retryAfterMs = delayMs(error.headers?.get("retry-after"), now());
          const delay = retryAfterMs ?? INITIAL_DELAY_MS * 2 ** (number - 1) * (0.5 + random() / 2);
          const leftMs = deadline - now() - delay;
          const isTimeout = error.code === "timeout";
          const spentMs = error instanceof CallError ? limitMs : now() - attemptedAt;
          const hasTime = isTimeout ? leftMs >= spentMs : leftMs > 0;
          const shouldRetry = isRetryable(error) && (retry === "any" || isUnstarted(error));
          if (shouldRetry && number < attempts && hasTime && (mayRetry?.() ?? true)) {
            onRetry?.({ service: name, error, attempt: number, delayMs: delay });
            await sleep(delay, call.signal);
            continue;
          }
          if (error.code === "deadline_exceeded") throw error; // of a request within the call
          if (isTimeout && givenMs < patienceMs) {
            const message = `${name} did not respond within the ${Math.round(givenMs)} ms that were left for it`;
            throw new CallError(message, { code: "deadline_exceeded", cause: error });
          }
          if (isRetryable(error) || isUnusable(error)) permit.failed(retryAfterMs);
          else permit.succeeded();
          throw error;
        }
      }
    } finally {
      permit.abandoned(); // unless the service's success or failure was reported
    }
  };
}

/** @param fastestMs of the recent calls */
function shortOfTime(name: string, leftMs: number, fastestMs = 0): CallError {
  const usual = fastestMs > 0 ? `, and it has lately taken ${Math.round(fastestMs)} ms or more` : "";
  return new CallError(`${name} was not called: ${Math.round(leftMs)} ms are left for it${usual}`, {
    code: "deadline_exceeded",
  });
}

function circuitOpen(name: string, remainingMs: number): CallError {
  const seconds = Math.ceil(remainingMs / 1_000);
  const until = seconds > 0 ? `for another ${seconds} s` : "until the call that probes it ends";
  return new CallError(
    `circuit open: ${name} failed repeatedly or asked to wait, and is not called ${until}; ` +
      "see its earlier errors for the cause",
    { code: "circuit_open" },
  );
}

async function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  try {
    await withTimeLimit({ signal }, () => promise);
  } finally {
    clearTimeout(timer);
  }
}
