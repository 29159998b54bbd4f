import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { withTimeLimit } from "#providers/time-limit.ts";

const MINUTE = 60_000;
const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

test("when time is up, the signal says so", async () => {
  await expect(withTimeLimit(1, undefined, aborted)).rejects.toMatchObject({ name: "TimeoutError" });
  const reason = new Error("too slow");
  await expect(withTimeLimit(1, undefined, aborted, () => reason)).rejects.toBe(reason);
});

test("an abort from outside goes on, with its reason, also one of before", async () => {
  const outer = new AbortController();
  const reason = new Error("nobody waits");
  const work = withTimeLimit(MINUTE, outer.signal, aborted);
  outer.abort(reason);
  await expect(work).rejects.toBe(reason);
  const late = withTimeLimit(MINUTE, outer.signal, (signal) => Promise.reject(signal.reason));
  await expect(late).rejects.toBe(reason);
});

test("nothing stays when the work is done, or has failed", async () => {
  const outer = new AbortController();
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
  const before = timers();
  const answer = await withTimeLimit(MINUTE, outer.signal, async (signal) => {
    expect(signal.aborted).toBe(false);
    expect(timers()).toBe(before + 1);
    return 42;
  });
  expect(answer).toBe(42);
  await expect(withTimeLimit(MINUTE, outer.signal, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(timers()).toBe(before);
  expect(getEventListeners(outer.signal, "abort")).toEqual([]);
});
