export type BreakerState = "closed" | "open" | "half_open";

export interface BreakerOptions {
  /** Milliseconds since the epoch: a monotonic clock may stand still while a Lambda environment is frozen. */
  now?: () => number;
  /** In [0, 1). */
  random?: () => number;
  /** Failures in a row that open it. */
  threshold?: number;
  /** Longest wait, in milliseconds, that a server may ask for: a slip of its clock must not silence a process for good. */
  longestRetryAfterMs?: number;
}

/** Milliseconds until the first probe after a failure; doubled with each further failure, up to the longest. */
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;

/**
 * A circuit breaker: opens with the first failure or the first few in a row, lets a probe through when a delay has
 * passed, and closes when that succeeds. A server that says when to come back opens it at once. The delay is drawn from its upper half, so that environments which failed together do not return together.
 */
export class CircuitBreaker {
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #threshold: number;
  readonly #longestRetryAfterMs: number;
  #state: BreakerState = "closed";
  #failures = 0;
  #openedAt = 0;
  #delayMs = 0;

  constructor(options: BreakerOptions = {}) {
    this.#now = options.now ?? Date.now;
    this.#random = options.random ?? Math.random;
    this.#threshold = options.threshold ?? 1;
    this.#longestRetryAfterMs = options.longestRetryAfterMs ?? 600_000;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** Whether a request may be made now. The caller tells how it went. */
  allows(): boolean {
    const waited = this.#now() - this.#openedAt;
    // A clock that was set back says nothing about the wait.
    if (this.#state === "open" && (waited >= this.#delayMs || waited < 0)) this.#state = "half_open";
    return this.#state !== "open";
  }

  succeeded(): void {
    this.#state = "closed";
    this.#failures = 0;
  }

  /** @param retryAfterMs what the server asked for; counts instead of the delay */
  failed(retryAfterMs?: number): void {
    this.#failures += 1;
    const over = Math.max(0, this.#failures - this.#threshold);
    if (this.#failures < this.#threshold && this.#state === "closed" && retryAfterMs === undefined) return;
    const longest = Math.min(FIRST_DELAY_MS * 2 ** over, LONGEST_DELAY_MS);
    this.#delayMs = Math.min(retryAfterMs ?? longest * (0.5 + this.#random() / 2), this.#longestRetryAfterMs);
    this.#openedAt = this.#now();
    this.#state = "open";
  }
}
