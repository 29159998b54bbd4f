import { describe, expect, test } from "vitest";
import { CallError, createService, type Limits, type Retry } from "#providers/service/service.ts";
import { ServiceError } from "#providers/service/service-error.ts";
import type { Call } from "#rag/ports.ts";

class TestError extends ServiceError {
  override readonly name = "TestError";
}

const LIMITS: Limits = { timeoutMs: 60_000, share: 1, attempts: 3 };

/** A service whose waits between attempts are short, that tells its retries, and whose clock can be set. */
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

/** Fails as often as there are errors, then answers "yes". */
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
  new TestError(`answered ${code}`, {
    status: code,
    ...(retryAfter && { headers: new Headers({ "retry-after": retryAfter }) }),
  });
const unreached = () =>
  new TestError("not reached", {
    cause: new TypeError("fetch failed", { cause: Object.assign(new Error("no"), { code: "ECONNREFUSED" }) }),
  });

describe("a failed attempt", () => {
  test.each([
    ["a passing status", status(503)],
    ["too many requests", status(429, "0")],
    ["a connection that was refused", unreached()],
    ["an answer that broke off", new TestError("cut", { code: "malformed_json" })],
    ["a stream that broke off", new TestError("cut", { code: "cut_stream" })],
    ["a time limit", new TestError("late", { code: "timeout" })],
  ])("is made again after %s", async (_name, error) => {
    const { call, retries } = service();
    const { attempt, calls } = failing(error, error);
    expect(await call(LIMITS, {}, attempt)).toBe("yes");
    expect(calls).toHaveLength(3);
    expect(retries).toMatchObject([
      { service: "oracle", error, attempt: 1 },
      { service: "oracle", error, attempt: 2 },
    ]);
  });

  test.each([
    ["a refusal", status(400)],
    ["a wrong key", status(401)],
    ["credit that is spent", new TestError("spent", { status: 429, code: "insufficient_quota" })],
    ["an answer in another protocol", new TestError("odd", { code: "unexpected_answer" })],
    ["a fault of ours", new TypeError("undefined is no function")],
  ])("is not made again after %s", async (_name, error) => {
    const { call } = service();
    const { attempt, calls } = failing(error);
    await expect(call(LIMITS, {}, attempt)).rejects.toBe(error);
    expect(calls).toHaveLength(1);
  });

  test("is made as often as is allowed, and the last error is told", async () => {
    const { call } = service();
    const errors = [status(500), status(502), status(503)];
    const { attempt, calls } = failing(...errors);
    await expect(call(LIMITS, {}, attempt)).rejects.toBe(errors[2]);
    expect(calls).toHaveLength(3);
  });

  test("waits twice as long each time, at least half of it, or what the service asks for", async () => {
    const { call, retries } = service();
    await call({ ...LIMITS, attempts: 4 }, {}, failing(status(503), status(503), status(503, "0")).attempt);
    expect(retries.map(({ delayMs }) => delayMs)).toEqual([50, 100, 0]);
  });

  test("is not made again when the service asks for more time than there is", async () => {
    const { call, clock } = service();
    const { attempt, calls } = failing(status(429, "30"));
    await expect(call(LIMITS, { deadline: clock.ms + 20_000 }, attempt)).rejects.toMatchObject({ status: 429 });
    expect(calls).toHaveLength(1);
  });

  test.each([
    ["429", status(429, "0"), 2],
    ["503", status(503, "0"), 2],
    ["a refused connection", unreached(), 2],
    ["500", status(500), 1],
    ["a time limit", new TestError("late", { code: "timeout" }), 1],
    ["a reset", new TestError("reset", { cause: Object.assign(new Error("x"), { code: "ECONNRESET" }) }), 1],
  ])(
    "of a call that is paid for is made again only when the work cannot have begun: %s",
    async (_name, error, made) => {
      const { call } = service();
      const { attempt, calls } = failing(error);
      await call({ ...LIMITS, repeat: "unstarted" }, {}, attempt).catch(() => {});
      expect(calls).toHaveLength(made);
    },
  );

  test("is not made again when something of it was used", async () => {
    const { call } = service();
    const { attempt, calls } = failing(status(503));
    await expect(call({ ...LIMITS, mayRetry: () => false }, {}, attempt)).rejects.toThrow();
    expect(calls).toHaveLength(1);
  });
});

describe("a budget", () => {
  test.each([
    ["a share of the time left", { timeoutMs: 60_000, share: 0.25 }, 8_000, 2_000],
    ["the limit where that is less", { timeoutMs: 500, share: 0.25 }, 8_000, 500],
    ["the limit where there is no deadline", { timeoutMs: 500, share: 0.25 }, undefined, 500],
    ["nothing after the deadline", { timeoutMs: 500, share: 0.25 }, -5, 0],
  ])("is %s", async (_name, limits, leftMs, budgetMs) => {
    const { call, clock } = service();
    const { attempt, calls } = failing();
    const deadline = leftMs === undefined ? {} : { deadline: clock.ms + leftMs };
    await call({ ...LIMITS, ...limits }, { ...deadline, tenant: "acme" }, attempt);
    expect(calls).toMatchObject([{ deadline: clock.ms + budgetMs, tenant: "acme", signal: expect.any(AbortSignal) }]);
  });

  test("ends an attempt, also one that does not heed its signal", async () => {
    const { call } = service();
    let signal: AbortSignal | undefined;
    const hanging = (given: Call): Promise<never> => {
      signal = given.signal;
      return new Promise(() => {});
    };
    const error = await call({ ...LIMITS, timeoutMs: 30, attempts: 1 }, {}, hanging).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(CallError);
    expect(error).toMatchObject({ code: "timeout", message: "oracle did not answer within 30 ms" });
    expect(signal?.aborted).toBe(true);
  });

  test("leaves time for another attempt", async () => {
    const { call, retries } = service();
    let made = 0;
    const hangsOnce = async () => {
      made += 1;
      return made === 1 ? new Promise<never>(() => {}) : "yes";
    };
    expect(await call({ ...LIMITS, timeoutMs: 1_000 }, {}, hangsOnce)).toBe("yes");
    expect(retries).toMatchObject([{ error: { code: "timeout" } }]);
  });
});

test("a call that is paid for has all the time for its first attempt, as slowness is no reason for another", async () => {
  const { call, clock } = service();
  const slow = async () => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    return "yes";
  };
  const limits = { ...LIMITS, attempts: 2, repeat: "unstarted" as const };
  expect(await call(limits, { deadline: clock.ms + 400 }, slow)).toBe("yes");
});

describe("a caller that gives up", () => {
  test("is told its own reason, at once, in an attempt or between two", async () => {
    for (const attempt of [() => new Promise<never>(() => {}), () => Promise.reject(status(503, "30"))]) {
      const { call } = service();
      const caller = new AbortController();
      const answer = call(LIMITS, { signal: caller.signal }, attempt);
      setImmediate(() => caller.abort(new Error("gone")));
      await expect(answer).rejects.toThrow("gone");
    }
  });

  test("does not ask, when it gave up before", async () => {
    const { call } = service();
    const { attempt, calls } = failing();
    await expect(call(LIMITS, { signal: AbortSignal.abort(new Error("gone")) }, attempt)).rejects.toThrow("gone");
    expect(calls).toEqual([]);
  });

  test("says nothing against the service", async () => {
    const { call } = service();
    for (let i = 0; i < 9; i += 1) {
      const caller = new AbortController();
      const answer = call(LIMITS, { signal: caller.signal }, () => new Promise<never>(() => {}));
      caller.abort(new Error("gone"));
      await expect(answer).rejects.toThrow("gone");
    }
    expect(await call(LIMITS, {}, failing().attempt)).toBe("yes");
  });
});

describe("a service that is down", () => {
  const once = { ...LIMITS, attempts: 1 };

  async function down(call: ReturnType<typeof service>["call"], error: Error, times: number) {
    for (let i = 0; i < times; i += 1) await call(once, {}, () => Promise.reject(error)).catch(() => {});
  }

  test("is not asked after five failures in a row, until a probe succeeds", async () => {
    const { call, clock } = service();
    await down(call, unreached(), 5);
    const { attempt, calls } = failing();
    await expect(call(once, {}, attempt)).rejects.toMatchObject({ code: "circuit_open" });
    expect(calls).toEqual([]);
    clock.ms += 1_000;
    expect(await call(once, {}, attempt)).toBe("yes");
    expect(await call(once, {}, attempt)).toBe("yes");
  });

  test("is not asked before the time it names, but after a minute at most", async () => {
    const { call, clock } = service();
    await down(call, status(503, "86400"), 1);
    clock.ms += 59_999;
    await expect(call(once, {}, failing().attempt)).rejects.toMatchObject({ code: "circuit_open" });
    clock.ms += 1;
    expect(await call(once, {}, failing().attempt)).toBe("yes");
  });

  test.each([
    ["refuses what it is asked", status(400)],
    ["finds no such thing", status(404)],
  ])("is not one that %s", async (_name, error) => {
    const { call } = service();
    await down(call, error, 9);
    expect(await call(once, {}, failing().attempt)).toBe("yes");
  });

  test.each([
    ["whose credit is spent", new TestError("spent", { status: 429, code: "insufficient_quota" })],
    ["that answers nonsense", new TestError("odd", { code: "unexpected_answer" })],
  ])("is also one %s", async (_name, error) => {
    const { call } = service();
    await down(call, error, 5);
    await expect(call(once, {}, failing().attempt)).rejects.toMatchObject({ code: "circuit_open" });
  });
});
