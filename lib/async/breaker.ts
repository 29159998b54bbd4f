export type BreakerState = "closed" | "open" | "half_open";

export interface BreakerOptions {
  /** Milliseconds since the epoch: a monotonic clock may stand still while a Lambda environment is frozen. */
  now?: () => number;
  /** In [0, 1). */
  random?: () => number;
  /** Consecutive failures that open the circuit. */
  threshold?: number;
  /** Upper bound of a server's `Retry-After`, in milliseconds: a server with a wrong clock must not block us for good. */
  maxRetryAfterMs?: number;
}

/** A request that the breaker let through. The first report counts, and only while the circuit is as it was then. */
export interface Permit {
  succeeded(): void;
  /** @param retryAfterMs the server's `Retry-After`; replaces the delay */
  failed(retryAfterMs?: number): void;
  /** The request ended without showing whether the server works: its caller went away, or had too little time. */
  abandoned(): void;
}

/** Milliseconds until the first probe after a failure; doubled with each further failure, up to the maximum. */
const INITIAL_DELAY_MS = 1_000;
const MAX_DELAY_MS = 30_000;

/**
 * A circuit breaker: opens after `threshold` consecutive failures, or at once when the server sends a `Retry-After`;
 * allows a probe after a delay, and closes when a probe succeeds. The delay is random in its upper half, so that
 * environments that failed together do not come back together.
 */
export class CircuitBreaker {
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #threshold: number;
  readonly #maxRetryAfterMs: number;
  #state: BreakerState = "closed";
  #failures = 0;
  #openedAt = 0;
  #delayMs = 0;
  /** Counts the changes of state. */
  #period = 0;
  #isProbing = false;

  constructor(options: BreakerOptions = {}) {
    this.#now = options.now ?? Date.now;
    this.#random = options.random ?? Math.random;
    this.#threshold = options.threshold ?? 1;
    this.#maxRetryAfterMs = options.maxRetryAfterMs ?? 600_000;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** Milliseconds until a request is allowed again; 0 unless the circuit is open. */
  get remainingMs(): number {
    return this.#state === "open" ? Math.max(0, this.#openedAt + this.#delayMs - this.#now()) : 0;
  }

  /**
   * Asks to send a request, among concurrent ones. A half-open circuit lets a single one through at a time, the probe.
   * What is reported of a request that began before the circuit opened, closed or was probed is ignored: it says nothing
   * about the server now, and many such failures must not add up.
   *
   * @returns `undefined` when the request must not be sent
   */
  acquire(): Permit | undefined {
    if (!this.allowsRequest() || this.#isProbing) return undefined;
    this.#isProbing = this.#state === "half_open";
    const period = this.#period;
    let reported = false;
    const report = (apply: () => void): void => {
      if (reported || period !== this.#period) return;
      reported = true;
      this.#isProbing = false;
      apply();
    };
    return {
      succeeded: () => report(() => this.recordSuccess()),
      failed: (retryAfterMs) => report(() => this.recordFailure(retryAfterMs)),
      abandoned: () => report(() => {}),
    };
  }

  /**
   * Whether a request may be sent now; for a caller that sends one at a time, and then records its success or failure.
   */
  allowsRequest(): boolean {
    const elapsed = this.#now() - this.#openedAt;
    // Negative when the clock was set back: how long the circuit has been open is then unknown.
    if (this.#state === "open" && (elapsed >= this.#delayMs || elapsed < 0)) this.#enter("half_open");
    return this.#state !== "open";
  }

  recordSuccess(): void {
    if (this.#state !== "closed") this.#enter("closed");
    this.#failures = 0;
  }

  /**
   * While the circuit is open, a failure without `Retry-After` changes nothing: it is of a request that began earlier.
   *
   * @param retryAfterMs the server's `Retry-After`; replaces the delay
   */
  recordFailure(retryAfterMs?: number): void {
    if (this.#state === "open" && retryAfterMs === undefined) return;
    this.#failures += 1;
    if (this.#failures < this.#threshold && this.#state === "closed" && retryAfterMs === undefined) return;
    const excess = Math.max(0, this.#failures - this.#threshold);
    const backoff = Math.min(INITIAL_DELAY_MS * 2 ** excess, MAX_DELAY_MS);
    this.#delayMs = Math.min(retryAfterMs ?? backoff * (0.5 + this.#random() / 2), this.#maxRetryAfterMs);
    this.#openedAt = this.#now();
    this.#enter("open");
  }

  #enter(state: BreakerState): void {
    this.#state = state;
    this.#period += 1;
    this.#isProbing = false;
  }
}
