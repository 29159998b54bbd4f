import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { awakeTimeout } from "#async/awake-timeout.ts";

/** Blocks the event loop, like a freeze. */
function freeze(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test("fires once after the timeout, and not when it was cancelled", async () => {
  const log: string[] = [];
  awakeTimeout(80, () => log.push("first"));
  const cancel = awakeTimeout(80, () => log.push("second"));
  await delay(30);
  cancel();
  expect(log).toEqual([]);
  await delay(150);
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
