import { CircuitBreaker } from "#async/breaker.ts";
import { delayMs } from "#async/retry-after.ts";
import { withTimeLimit } from "#async/time-limit.ts";
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

/** A call rejected by the circuit breaker or stopped by its time limit. Codes: "circuit_open", "timeout". */
export class CallError extends ServiceError {
  override readonly name = "CallError";
}

/** Consecutive failed calls that open the circuit. */
const FAILURES_TO_OPEN = 5;
const MAX_RETRY_AFTER_MS = 60_000;
const INITIAL_DELAY_MS = 100;
/** Share of the remaining time that an attempt may take when another attempt could follow. */
const ATTEMPT_SHARE = 0.6;

/**
 * Creates the runner for one service's calls. Delays between attempts double from 100 ms, with jitter; `Retry-After`
 * replaces them. Only a {@link ServiceError} is retried or counts as a failure of the service.
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

  return async ({ timeoutMs, share, attempts, retry = "any", mayRetry = () => true }, call = {}, attempt) => {
    call.signal?.throwIfAborted();
    if (!breaker.allowsRequest()) throw circuitOpen(name, breaker.remainingMs);
    const startedAt = now();
    const budget = call.deadline === undefined ? Number.POSITIVE_INFINITY : (call.deadline - startedAt) * share;
    const deadline = startedAt + Math.max(0, Math.min(timeoutMs, budget));

    for (let number = 1; ; number += 1) {
      const isLast = number >= attempts;
      // A billed call is not retried for being slow, so its first attempt may take all of the time.
      const attemptShare = isLast || retry === "unstarted" ? 1 : ATTEMPT_SHARE;
      const limitMs = Math.max(0, Math.round((deadline - now()) * attemptShare));
      try {
        const result = await withTimeLimit(
          {
            ms: limitMs,
            signal: call.signal,
            reason: () => new CallError(`${name} timed out after ${limitMs} ms`, { code: "timeout" }),
          },
          (signal) => attempt({ ...call, deadline, signal }),
        );
        breaker.recordSuccess();
        return result;
      } catch (error) {
        call.signal?.throwIfAborted();
        if (!(error instanceof ServiceError)) throw error;
        const retryAfterMs = delayMs(error.headers?.get("retry-after"), now());
        const delay = retryAfterMs ?? INITIAL_DELAY_MS * 2 ** (number - 1) * (0.5 + random() / 2);
        const shouldRetry = isRetryable(error) && (retry === "any" || isUnstarted(error));
        if (shouldRetry && !isLast && mayRetry() && now() + delay < deadline) {
          onRetry?.({ service: name, error, attempt: number, delayMs: delay });
          await sleep(delay, call.signal);
          continue;
        }
        if (isRetryable(error) || isUnusable(error)) breaker.recordFailure(retryAfterMs);
        else breaker.recordSuccess();
        throw error;
      }
    }
  };
}

function circuitOpen(name: string, remainingMs: number): CallError {
  const seconds = Math.ceil(remainingMs / 1_000);
  return new CallError(
    `circuit open: ${name} failed repeatedly or asked to wait, and is not called for another ${seconds} s; ` +
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
