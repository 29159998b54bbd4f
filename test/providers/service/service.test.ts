import { describe, expect, test } from "vitest";
import { CallError, createService, type Limits, type Retry } from "#providers/service/service.ts";
import { ServiceError } from "#providers/service/service-error.ts";
import { SubrequestLimitError } from "#rag/errors.ts";
import type { Call } from "#rag/ports.ts";

class TestError extends ServiceError {
  override readonly name = "TestError";
}

const LIMITS: Limits = { timeoutMs: 60_000, share: 1, attempts: 3 };

/** A service with short delays, a settable clock and a record of its retries. */
function service() {
  const clock = { ms: 1_000_000 };
  const retries: Retry[] = [];
  const call = createService({
    name: "oracle",
    onRetry: (retry) => retries.push(retry),
    now: () => clock.ms,
    random: () => 0,
  });
  return { call, clock, retries };
}

/** Throws each of the errors, then returns "yes". */
function failing(...errors: Error[]) {
  const calls: Call[] = [];
  return {
    calls,
    async attempt(call: Call) {
      calls.push(call);
      const error = errors[calls.length - 1];
      if (error) throw error;
      return "yes";
    },
  };
}

const status = (code: number, retryAfter?: string) =>
  new TestError(`status ${code}`, {
    status: code,
    ...(retryAfter && { headers: new Headers({ "retry-after": retryAfter }) }),
  });
const unreachable = () =>
  new TestError("unreachable", {
    cause: new TypeError("fetch failed", { cause: Object.assign(new Error("no"), { code: "ECONNREFUSED" }) }),
  });

describe("a failed attempt", () => {
  test.each([
    ["a transient status", status(503)],
    ["too many requests", status(429, "0")],
    ["a refused connection", unreachable()],
    ["malformed JSON", new TestError("cut", { code: "malformed_json" })],
    ["a stream that was cut off", new TestError("cut", { code: "cut_stream" })],
    ["a timeout", new TestError("late", { code: "timeout" })],
  ])("is retried after %s", async (_name, error) => {
    const { call, retries } = service();
    const { attempt, calls } = failing(error, error);
    expect(await call(LIMITS, {}, attempt)).toBe("yes");
    expect(calls).toHaveLength(3);
    expect(retries).toMatchObject([
      { service: "oracle", error, attempt: 1 },
      { service: "oracle", error, attempt: 2 },
    ]);
  });

  test("is neither retried nor a failure of the service when the platform lets out no more requests", async () => {
    const { call } = service();
    const unsent = new TestError("unreachable", {
      cause: new Error("no", { cause: new SubrequestLimitError("limit") }),
    });
    const { attempt, calls } = failing(...Array.from({ length: 10 }, () => unsent));
    for (let count = 0; count < 10; count += 1) await expect(call(LIMITS, {}, attempt)).rejects.toBe(unsent);
    expect(calls).toHaveLength(10);
    expect(await call(LIMITS, {}, attempt)).toBe("yes");
  });

  test.each([
    ["a bad request", status(400)],
    ["a wrong key", status(401)],
    ["an exhausted quota", new TestError("quota", { status: 429, code: "insufficient_quota" })],
    ["an unexpected response", new TestError("odd", { code: "unexpected_answer" })],
    ["a bug of ours", new TypeError("undefined is not a function")],
  ])("is not retried after %s", async (_name, error) => {
    const { call } = service();
    const { attempt, calls } = failing(error);
    await expect(call(LIMITS, {}, attempt)).rejects.toBe(error);
    expect(calls).toHaveLength(1);
  });

  test("is retried up to the maximum number of attempts; then the last error is thrown", async () => {
    const { call } = service();
    const errors = [status(500), status(502), status(503)];
    const { attempt, calls } = failing(...errors);
    await expect(call(LIMITS, {}, attempt)).rejects.toBe(errors[2]);
    expect(calls).toHaveLength(3);
  });

  test("is retried after a delay that doubles, with jitter, or after Retry-After", async () => {
    const { call, retries } = service();
    await call({ ...LIMITS, attempts: 4 }, {}, failing(status(503), status(503), status(503, "0")).attempt);
    expect(retries.map(({ delayMs }) => delayMs)).toEqual([50, 100, 0]);
  });

  test("is not retried when Retry-After exceeds the remaining time", async () => {
    const { call, clock } = service();
    const { attempt, calls } = failing(status(429, "30"));
    await expect(call(LIMITS, { deadline: clock.ms + 20_000 }, attempt)).rejects.toMatchObject({ status: 429 });
    expect(calls).toHaveLength(1);
  });

  test.each([
    ["429", status(429, "0"), 2],
    ["503", status(503, "0"), 2],
    ["a refused connection", unreachable(), 2],
    ["500", status(500), 1],
    ["a timeout", new TestError("late", { code: "timeout" }), 1],
    ["a connection reset", new TestError("reset", { cause: Object.assign(new Error("x"), { code: "ECONNRESET" }) }), 1],
  ])(
    'with `retry: "unstarted"` is retried only when the work cannot have begun: %s',
    async (_name, error, attempts) => {
      const { call } = service();
      const { attempt, calls } = failing(error);
      await call({ ...LIMITS, retry: "unstarted" }, {}, attempt).catch(() => {});
      expect(calls).toHaveLength(attempts);
    },
  );

  test("is not retried when `mayRetry` returns false", async () => {
    const { call } = service();
    const { attempt, calls } = failing(status(503));
    await expect(call({ ...LIMITS, mayRetry: () => false }, {}, attempt)).rejects.toThrow();
    expect(calls).toHaveLength(1);
  });
});

describe("the time budget", () => {
  test.each([
    ["a share of the remaining time", { timeoutMs: 60_000, share: 0.25 }, 8_000, 2_000],
    ["the timeout when that is shorter", { timeoutMs: 500, share: 0.25 }, 8_000, 500],
    ["the timeout when there is no deadline", { timeoutMs: 500, share: 0.25 }, undefined, 500],
  ])("is %s", async (_name, limits, leftMs, budgetMs) => {
    const { call, clock } = service();
    const { attempt, calls } = failing();
    const deadline = leftMs === undefined ? {} : { deadline: clock.ms + leftMs };
    await call({ ...LIMITS, ...limits }, { ...deadline, tenant: "acme" }, attempt);
    expect(calls).toMatchObject([{ deadline: clock.ms + budgetMs, tenant: "acme", signal: expect.any(AbortSignal) }]);
  });

  test("ends an attempt, even one that ignores its signal", async () => {
    const { call } = service();
    let signal: AbortSignal | undefined;
    const hanging = (call: Call): Promise<never> => {
      signal = call.signal;
      return new Promise(() => {});
    };
    const error = await call({ ...LIMITS, timeoutMs: 30, attempts: 1 }, {}, hanging).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(CallError);
    expect(error).toMatchObject({ code: "timeout", message: "oracle timed out after 30 ms" });
    expect(signal?.aborted).toBe(true);
  });

  test.each([0, -5])("is not used when the deadline is %d ms away: nothing is begun", async (leftMs) => {
    const { call, clock } = service();
    const { attempt, calls } = failing();
    await expect(call(LIMITS, { deadline: clock.ms + leftMs }, attempt)).rejects.toMatchObject({
      code: "deadline_exceeded",
      message: "oracle was not called: 0 ms are left for it",
    });
    expect(calls).toEqual([]);
  });

  test("leaves time for another attempt where each gets a share", async () => {
    const { call, retries } = service();
    let attempts = 0;
    const hangsOnce = async () => {
      attempts += 1;
      return attempts === 1 ? new Promise<never>(() => {}) : "yes";
    };
    expect(await call({ ...LIMITS, timeoutMs: 1_000, attemptShare: 0.3 }, {}, hangsOnce)).toBe("yes");
    expect(retries).toMatchObject([{ error: { code: "timeout" } }]);
  });
});

test("by default the first attempt may take all the time; a timeout is not followed by a shorter attempt", async () => {
  const { call, retries } = service();
  let attempts = 0;
  const hanging = () => {
    attempts += 1;
    return new Promise<never>(() => {});
  };
  await expect(call({ ...LIMITS, timeoutMs: 100 }, {}, hanging)).rejects.toMatchObject({
    message: "oracle timed out after 100 ms",
  });
  expect([attempts, retries]).toEqual([1, []]);
});

test('with `retry: "unstarted"` the first attempt may use all the time, as a timeout is not retried', async () => {
  const { call, clock } = service();
  const slow = async () => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    return "yes";
  };
  const limits = { ...LIMITS, attempts: 2, retry: "unstarted" as const };
  expect(await call(limits, { deadline: clock.ms + 400 }, slow)).toBe("yes");
});

describe("a caller that aborts", () => {
  test("gets its own reason at once, during an attempt or between two", async () => {
    for (const attempt of [() => new Promise<never>(() => {}), () => Promise.reject(status(503, "30"))]) {
      const { call } = service();
      const caller = new AbortController();
      const result = call(LIMITS, { signal: caller.signal }, attempt);
      setImmediate(() => caller.abort(new Error("gone")));
      await expect(result).rejects.toThrow("gone");
    }
  });

  test("before the call makes no attempt", async () => {
    const { call } = service();
    const { attempt, calls } = failing();
    await expect(call(LIMITS, { signal: AbortSignal.abort(new Error("gone")) }, attempt)).rejects.toThrow("gone");
    expect(calls).toEqual([]);
  });

  test("does not count as a failure of the service", async () => {
    const { call } = service();
    for (let i = 0; i < 9; i += 1) {
      const caller = new AbortController();
      const result = call(LIMITS, { signal: caller.signal }, () => new Promise<never>(() => {}));
      caller.abort(new Error("gone"));
      await expect(result).rejects.toThrow("gone");
    }
    expect(await call(LIMITS, {}, failing().attempt)).toBe("yes");
  });
});

describe("the circuit", () => {
  const once = { ...LIMITS, attempts: 1 };

  async function fail(call: ReturnType<typeof service>["call"], error: Error, times: number) {
    for (let i = 0; i < times; i += 1) await call(once, {}, () => Promise.reject(error)).catch(() => {});
  }

  test("opens after five consecutive failures, until a probe succeeds", async () => {
    const { call, clock } = service();
    await fail(call, unreachable(), 5);
    const { attempt, calls } = failing();
    await expect(call(once, {}, attempt)).rejects.toMatchObject({
      code: "circuit_open",
      message: expect.stringMatching(
        /^circuit open: oracle failed repeatedly or asked to wait, and is not called for another 1 s;/,
      ),
    });
    expect(calls).toEqual([]);
    clock.ms += 1_000;
    expect(await call(once, {}, attempt)).toBe("yes");
    expect(await call(once, {}, attempt)).toBe("yes");
  });

  test("stays open for Retry-After, but for a minute at most", async () => {
    const { call, clock } = service();
    await fail(call, status(503, "86400"), 1);
    clock.ms += 59_999;
    await expect(call(once, {}, failing().attempt)).rejects.toMatchObject({ code: "circuit_open" });
    clock.ms += 1;
    expect(await call(once, {}, failing().attempt)).toBe("yes");
  });

  test.each([
    ["a bad request", status(400)],
    ["not found", status(404)],
  ])("does not open because of %s", async (_name, error) => {
    const { call } = service();
    await fail(call, error, 9);
    expect(await call(once, {}, failing().attempt)).toBe("yes");
  });

  test.each([
    ["an exhausted quota", new TestError("quota", { status: 429, code: "insufficient_quota" })],
    ["unexpected responses", new TestError("odd", { code: "unexpected_answer" })],
  ])("opens because of %s", async (_name, error) => {
    const { call } = service();
    await fail(call, error, 5);
    await expect(call(once, {}, failing().attempt)).rejects.toMatchObject({ code: "circuit_open" });
  });
});

describe("callers that are short of time", () => {
  const hangs = () => new Promise<never>(() => {});
  /** Takes `ms` of the settable clock. */
  const takes = (clock: { ms: number }, ms: number) => async () => {
    clock.ms += ms;
    return "yes";
  };

  test("do not open the circuit of a healthy service", async () => {
    const { call, clock } = service();
    expect(await call(LIMITS, {}, takes(clock, 100))).toBe("yes");
    expect(await call(LIMITS, {}, takes(clock, 2_000))).toBe("yes");
    for (let i = 0; i < 9; i += 1) {
      await expect(call(LIMITS, { deadline: clock.ms + 120 }, hangs)).rejects.toMatchObject({
        code: "deadline_exceeded",
        message: "oracle did not respond within the 120 ms that were left for it",
        cause: { code: "timeout" },
      });
    }
    expect(await call(LIMITS, {}, failing().attempt)).toBe("yes");
  });

  test("do not open the circuit before any call has succeeded either", async () => {
    const { call, clock } = service();
    for (let i = 0; i < 9; i += 1) await call(LIMITS, { deadline: clock.ms + 10 }, hangs).catch(() => {});
    expect(await call(LIMITS, {}, failing().attempt)).toBe("yes");
  });

  test("make no call that cannot end in time", async () => {
    const { call, clock } = service();
    await call(LIMITS, {}, takes(clock, 100));
    await call(LIMITS, {}, takes(clock, 150));
    const { attempt, calls } = failing();
    await expect(call(LIMITS, { deadline: clock.ms + 99 }, attempt)).rejects.toMatchObject({
      code: "deadline_exceeded",
      message: "oracle was not called: 99 ms are left for it, and it has lately taken 100 ms or more",
    });
    expect(calls).toEqual([]);
    expect(await call(LIMITS, { deadline: clock.ms + 100 }, attempt)).toBe("yes");
  });

  test("are not refused for the first call of a service that had to start", async () => {
    const { call, clock } = service();
    await call(LIMITS, {}, takes(clock, 5_000));
    expect(await call(LIMITS, { deadline: clock.ms + 1_000 }, failing().attempt)).toBe("yes");
  });

  test("may try again a minute after the service was slow", async () => {
    const { call, clock } = service();
    await call(LIMITS, {}, takes(clock, 5_000));
    await call(LIMITS, {}, takes(clock, 5_000));
    clock.ms += 60_001;
    expect(await call(LIMITS, { deadline: clock.ms + 100 }, failing().attempt)).toBe("yes");
  });

  test("are no excuse for a service that hangs longer than it has lately taken", async () => {
    const { call, clock } = service();
    await call(LIMITS, {}, takes(clock, 20));
    for (let i = 0; i < 5; i += 1) await call(LIMITS, { deadline: clock.ms + 25 }, hangs).catch(() => {});
    await expect(call(LIMITS, {}, failing().attempt)).rejects.toMatchObject({ code: "circuit_open" });
  });

  test("do not open the circuit of a service whose own requests had too little time", async () => {
    const { call } = service();
    const short = new TestError("short of time", { code: "deadline_exceeded" });
    for (let i = 0; i < 9; i += 1) await expect(call(LIMITS, {}, () => Promise.reject(short))).rejects.toBe(short);
    expect(await call(LIMITS, {}, failing().attempt)).toBe("yes");
  });

  test("do not count a time that a function was frozen as the service's", async () => {
    const { call, clock } = service();
    for (let i = 0; i < 2; i += 1) await call({ ...LIMITS, timeoutMs: 50 }, {}, takes(clock, 3_600_000));
    const { attempt } = failing();
    expect(await call(LIMITS, { deadline: clock.ms + 60 }, attempt)).toBe("yes");
  });
});

describe("a half-open circuit", () => {
  const once = { ...LIMITS, attempts: 1 };

  async function opened() {
    const { call, clock } = service();
    for (let i = 0; i < 5; i += 1) await call(once, {}, () => Promise.reject(status(503))).catch(() => {});
    clock.ms += 500;
    return { call, clock };
  }

  test("lets one of many concurrent calls through", async () => {
    const { call, clock } = await opened();
    let attempts = 0;
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, () =>
        call(once, {}, async () => {
          attempts += 1;
          await new Promise((resolve) => setTimeout(resolve, 20));
          throw status(503);
        }),
      ),
    );
    expect(attempts).toBe(1);
    const codes = results.map((result) => result.status === "rejected" && result.reason.code);
    expect(codes.filter((code) => code === "circuit_open")).toHaveLength(49);
    expect(
      results.find((result) => result.status === "rejected" && result.reason.code === "circuit_open"),
    ).toMatchObject({
      reason: { message: expect.stringContaining("is not called until the call that probes it ends;") },
    });
    clock.ms += 1_000; // twice the first delay, halved by the random number
    expect(await call(once, {}, failing().attempt)).toBe("yes");
  });

  test("lets the next call through when the probe's caller goes away", async () => {
    const { call } = await opened();
    const caller = new AbortController();
    const probe = call(once, { signal: caller.signal }, () => new Promise<never>(() => {}));
    caller.abort(new Error("gone"));
    await expect(probe).rejects.toThrow("gone");
    expect(await call(once, {}, failing().attempt)).toBe("yes");
  });

  test("lets the next call through when the probe had too little time", async () => {
    const { call, clock } = await opened();
    const probe = call(once, { deadline: clock.ms + 5 }, () => new Promise<never>(() => {}));
    await expect(probe).rejects.toMatchObject({ code: "deadline_exceeded" });
    expect(await call(once, {}, failing().attempt)).toBe("yes");
  });

  test("lets the next call through when the probe fails with a bug of ours", async () => {
    const { call } = await opened();
    await expect(call(once, {}, () => Promise.reject(new TypeError("bug")))).rejects.toThrow("bug");
    expect(await call(once, {}, failing().attempt)).toBe("yes");
  });

  test("ignores what becomes of calls that began before it opened", async () => {
    const { call, clock } = service();
    const failures = Array.from({ length: 50 }, () => Promise.withResolvers<never>());
    const early = failures.map(({ promise }) => call(once, {}, () => promise).catch(() => {}));
    for (let i = 0; i < 5; i += 1) await call(once, {}, () => Promise.reject(status(503))).catch(() => {});
    for (const { reject } of failures) reject(status(503));
    await Promise.all(early);
    clock.ms += 500;
    expect(await call(once, {}, failing().attempt)).toBe("yes");
  });
});
