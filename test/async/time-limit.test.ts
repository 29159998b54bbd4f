import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { settlesWithin, withTimeLimit } from "#async/time-limit.ts";

const MINUTE = 60_000;
const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

test("when time is up, the signal says so", async () => {
  await expect(withTimeLimit({ ms: 1 }, aborted)).rejects.toMatchObject({ name: "TimeoutError", code: "timeout" });
  const reason = new Error("too slow");
  await expect(withTimeLimit({ ms: 1, reason: () => reason }, aborted)).rejects.toBe(reason);
});

test("an abort from outside goes on, with its reason, also one of before", async () => {
  const outer = new AbortController();
  const reason = new Error("nobody waits");
  const work = withTimeLimit({ ms: MINUTE, signal: outer.signal }, aborted);
  outer.abort(reason);
  await expect(work).rejects.toBe(reason);
  const late = withTimeLimit({ ms: MINUTE, signal: outer.signal }, (signal) => Promise.reject(signal.reason));
  await expect(late).rejects.toBe(reason);
});

test("nothing stays when the work is done, or has failed", async () => {
  const outer = new AbortController();
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
  const before = timers();
  const answer = await withTimeLimit({ ms: MINUTE, signal: outer.signal }, async (signal) => {
    expect(signal.aborted).toBe(false);
    expect(timers()).toBe(before + 1);
    return 42;
  });
  expect(answer).toBe(42);
  await expect(
    withTimeLimit({ ms: MINUTE, signal: outer.signal }, () => Promise.reject(new Error("no"))),
  ).rejects.toThrow("no");
  expect(timers()).toBe(before);
  expect(getEventListeners(outer.signal, "abort")).toEqual([]);
});

test("work that does not heed its signal is not waited for, and without a limit in time only the signal counts", async () => {
  const never = () => new Promise<never>(() => {});
  await expect(withTimeLimit({ ms: 1 }, never)).rejects.toThrow("timed out after 1 ms");
  const outer = new AbortController();
  const waiting = withTimeLimit({ signal: outer.signal }, never);
  outer.abort(new Error("nobody waits"));
  await expect(waiting).rejects.toThrow("nobody waits");
  expect(await withTimeLimit({}, async () => 42)).toBe(42);
});

test("whether work settles in time is told of work that fulfils; what it rejects with in time is thrown", async () => {
  const never = new Promise<never>(() => {});
  expect(await settlesWithin(Promise.resolve(42), MINUTE)).toBe(true);
  expect(await settlesWithin(Promise.resolve(42), Number.POSITIVE_INFINITY)).toBe(true);
  expect(await settlesWithin(never, 1)).toBe(false);
  await expect(settlesWithin(Promise.reject(new Error("no")), MINUTE)).rejects.toThrow("no");
});
