import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { awakeTimeout } from "#async/awake-timeout.ts";

/** Nothing runs in this process, as in a freeze. */
function freeze(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

test("comes when the time is up, once, and not when it was called off", async () => {
  const log: string[] = [];
  awakeTimeout(80, () => log.push("first"));
  const callOff = awakeTimeout(80, () => log.push("second"));
  await delay(30);
  callOff();
  expect(log).toEqual([]);
  await delay(150);
  expect(log).toEqual(["first"]);
});

test("does not come because of a freeze that was longer", async () => {
  let late = false;
  const callOff = awakeTimeout(400, () => {
    late = true;
  });
  freeze(600);
  await delay(100);
  expect(late).toBe(false);
  callOff();
});
