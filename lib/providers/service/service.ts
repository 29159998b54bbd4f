import { CircuitBreaker } from "#async/breaker.ts";
import { delayMs } from "#async/retry-after.ts";
import { withTimeLimit } from "#async/time-limit.ts";
import type { Call } from "#rag/ports.ts";
import { isRetryable, isUnstarted, isUnusable } from "./faults.ts";
import { ServiceError } from "./service-error.ts";

/** What one kind of call may cost. */
export interface Limits {
  /** Milliseconds for the call with all its attempts. */
  timeoutMs: number;
  /** The most of the time left to the caller that it may take, in (0, 1]. */
  share: number;
  /** Attempts in all. */
  attempts: number;
  /**
   * Which failed attempts are made again: all that may go better, or only those that the service cannot have begun to
   * work on, for calls that are paid for or have begun to answer.
   */
  repeat?: "any" | "unstarted";
  /** Asked before an attempt is made again. */
  mayRetry?: () => boolean;
}

/** An attempt that failed and is made again. */
export interface Retry {
  service: string;
  error: unknown;
  /** The attempt that failed, from 1. */
  attempt: number;
  /** Milliseconds until the next one. */
  delayMs: number;
}

export interface ServiceOptions {
  /** For messages and metrics: "chat", "vector_store". */
  name: string;
  onRetry?: ((retry: Retry) => void) | undefined;
  /** Milliseconds since 1970. */
  now?: () => number;
  /** In [0, 1). */
  random?: () => number;
}

/** The calls of one service: each in a budget, tried again where that may help, not made while the service is down. */
export type Service = <T>(limits: Limits, call: Call | undefined, attempt: (call: Call) => Promise<T>) => Promise<T>;

/** A call that was not made, or given up, here. Codes: "circuit_open", "timeout". */
export class CallError extends ServiceError {
  override readonly name = "CallError";
}

/** Calls in a row that fail before the service counts as down. */
const FAILURES_TO_OPEN = 5;
const LONGEST_RETRY_AFTER_MS = 60_000;
const FIRST_DELAY_MS = 100;
/** What one attempt may take of the time there is, as long as another could follow. */
const ATTEMPT_SHARE = 0.6;

export function createService({ name, onRetry, now = Date.now, random = Math.random }: ServiceOptions): Service {
  const breaker = new CircuitBreaker({
    threshold: FAILURES_TO_OPEN,
    longestRetryAfterMs: LONGEST_RETRY_AFTER_MS,
    now,
    random,
  });

  return async ({ timeoutMs, share, attempts, repeat = "any", mayRetry = () => true }, call = {}, attempt) => {
    call.signal?.throwIfAborted();
    if (!breaker.allows()) {
      throw new CallError(`${name} is not asked for now: it failed several times`, { code: "circuit_open" });
    }
    const started = now();
    const left = call.deadline === undefined ? Number.POSITIVE_INFINITY : (call.deadline - started) * share;
    const ends = started + Math.max(0, Math.min(timeoutMs, left));

    for (let made = 1; ; made += 1) {
      const isLast = made >= attempts;
      // A call that is paid for is not made again when it was too slow.
      const share = isLast || repeat === "unstarted" ? 1 : ATTEMPT_SHARE;
      const limitMs = Math.max(0, Math.round((ends - now()) * share));
      try {
        const result = await withTimeLimit(
          {
            ms: limitMs,
            signal: call.signal,
            reason: () => new CallError(`${name} did not answer within ${limitMs} ms`, { code: "timeout" }),
          },
          (signal) => attempt({ ...call, deadline: ends, signal }),
        );
        breaker.succeeded();
        return result;
      } catch (error) {
        call.signal?.throwIfAborted();
        if (!(error instanceof ServiceError)) throw error;
        const asked = delayMs(error.headers?.get("retry-after"), now());
        const delay = asked ?? FIRST_DELAY_MS * 2 ** (made - 1) * (0.5 + random() / 2);
        const repeats = repeat === "any" ? isRetryable(error) : isRetryable(error) && isUnstarted(error);
        if (repeats && !isLast && mayRetry() && now() + delay < ends) {
          onRetry?.({ service: name, error, attempt: made, delayMs: delay });
          await sleep(delay, call.signal);
          continue;
        }
        if (isRetryable(error) || isUnusable(error)) breaker.failed(asked);
        else breaker.succeeded();
        throw error;
      }
    }
  };
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
