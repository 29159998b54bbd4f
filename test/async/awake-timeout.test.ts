import { setTimeout as delay } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { awakeTimeout } from "#async/awake-timeout.ts";
import { stopTimers } from "../support/stopped-timers.ts";

/** Blocks the event loop, like a freeze. */
function freeze(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

test("fires once after the timeout, and not when it was cancelled", () => {
  stopTimers();
  const log: string[] = [];
  awakeTimeout(80, () => log.push("first"));
  const cancel = awakeTimeout(80, () => log.push("second"));
  vi.advanceTimersByTime(30);
  cancel();
  vi.advanceTimersByTime(49);
  expect(log).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(log).toEqual(["first"]);
  vi.advanceTimersByTime(1_000);
  expect(log).toEqual(["first"]);
});

test("does not fire after a freeze that was longer than the timeout", async () => {
  let fired = false;
  const cancel = awakeTimeout(400, () => {
    fired = true;
  });
  freeze(600);
  await delay(100);
  expect(fired).toBe(false);
  cancel();
});
