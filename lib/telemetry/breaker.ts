export type BreakerState = "closed" | "open" | "half_open";

export interface BreakerOptions {
  /** Milliseconds since the epoch: a monotonic clock may stand still while a Lambda environment is frozen. */
  now?: () => number;
  /** In [0, 1). */
  random?: () => number;
}

/** Milliseconds until the first probe after a failure; doubled with each further failure, up to the longest. */
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;
/** What a server may ask for with `Retry-After`: a slip of its clock must not silence an environment for good. */
const LONGEST_RETRY_AFTER_MS = 600_000;

/**
 * A circuit breaker: opens with the first failure, lets a probe through when a delay has passed, and closes when that
 * succeeds. The delay is drawn from its upper half, so that environments which failed together do not return together.
 */
export class CircuitBreaker {
  readonly #now: () => number;
  readonly #random: () => number;
  #state: BreakerState = "closed";
  #failures = 0;
  #openedAt = 0;
  #delayMs = 0;

  constructor({ now = () => Date.now(), random = Math.random }: BreakerOptions = {}) {
    this.#now = now;
    this.#random = random;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** Whether a request may be made now. The caller makes one at a time, and tells how it went. */
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
    const longest = Math.min(FIRST_DELAY_MS * 2 ** this.#failures, LONGEST_DELAY_MS);
    this.#delayMs = Math.min(retryAfterMs ?? longest * (0.5 + this.#random() / 2), LONGEST_RETRY_AFTER_MS);
    this.#failures += 1;
    this.#openedAt = this.#now();
    this.#state = "open";
  }
}
