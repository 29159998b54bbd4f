import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { settlesWithin, withTimeLimit } from "#async/time-limit.ts";

const MINUTE = 60_000;
const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

test("aborts the signal with a TimeoutError, or the given reason, when the time is up", async () => {
  await expect(withTimeLimit({ ms: 1 }, aborted)).rejects.toMatchObject({ name: "TimeoutError", code: "timeout" });
  const reason = new Error("too slow");
  await expect(withTimeLimit({ ms: 1, reason: () => reason }, aborted)).rejects.toBe(reason);
});

test("forwards an abort of the outer signal with its reason, also one that happened before", async () => {
  const outer = new AbortController();
  const reason = new Error("caller gone");
  const work = withTimeLimit({ ms: MINUTE, signal: outer.signal }, aborted);
  outer.abort(reason);
  await expect(work).rejects.toBe(reason);
  const late = withTimeLimit({ ms: MINUTE, signal: outer.signal }, (signal) => Promise.reject(signal.reason));
  await expect(late).rejects.toBe(reason);
});

test("leaves no timer and no listener behind when the work succeeds or fails", async () => {
  const outer = new AbortController();
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
  const before = timers();
  const result = await withTimeLimit({ ms: MINUTE, signal: outer.signal }, async (signal) => {
    expect(signal.aborted).toBe(false);
    expect(timers()).toBe(before + 1);
    return 42;
  });
  expect(result).toBe(42);
  await expect(
    withTimeLimit({ ms: MINUTE, signal: outer.signal }, () => Promise.reject(new Error("no"))),
  ).rejects.toThrow("no");
  expect(timers()).toBe(before);
  expect(getEventListeners(outer.signal, "abort")).toEqual([]);
});

test("does not wait for work that ignores its signal; without a time limit only the signal counts", async () => {
  const never = () => new Promise<never>(() => {});
  await expect(withTimeLimit({ ms: 1 }, never)).rejects.toThrow("timed out after 1 ms");
  const outer = new AbortController();
  const waiting = withTimeLimit({ signal: outer.signal }, never);
  outer.abort(new Error("caller gone"));
  await expect(waiting).rejects.toThrow("caller gone");
  expect(await withTimeLimit({}, async () => 42)).toBe(42);
});

test("settlesWithin returns whether work resolves in time, and throws its rejection", async () => {
  const never = new Promise<never>(() => {});
  expect(await settlesWithin(Promise.resolve(42), MINUTE)).toBe(true);
  expect(await settlesWithin(Promise.resolve(42), Number.POSITIVE_INFINITY)).toBe(true);
  expect(await settlesWithin(never, 1)).toBe(false);
  await expect(settlesWithin(Promise.reject(new Error("no")), MINUTE)).rejects.toThrow("no");
});
