import { expect, test } from "vitest";
import { singleFlight } from "#async/single-flight.ts";

test("never runs twice at once; calls during a run share the next one", async () => {
  const log: string[] = [];
  let number = 0;
  const flight = singleFlight(async () => {
    const own = ++number;
    log.push(`start ${own}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
    log.push(`end ${own}`);
  });
  await Promise.all([flight(), flight(), flight()]);
  await flight();
  expect(log).toEqual(["start 1", "end 1", "start 2", "end 2", "start 3", "end 3"]);
});

test("a failed run rejects its own callers, not those of the next run", async () => {
  let number = 0;
  const flight = singleFlight(async () => {
    await Promise.resolve();
    if (++number === 1) throw new Error("first");
  });
  const results = await Promise.allSettled([flight(), flight()]);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
});

test("a call between two runs does not start a concurrent third one", async () => {
  let running = 0;
  let most = 0;
  const flight = singleFlight(async () => {
    most = Math.max(most, ++running);
    await Promise.resolve();
    running--;
  });
  const calls: Promise<void>[] = [];
  for (let tick = 0; tick < 50; tick++) {
    calls.push(flight());
    await Promise.resolve();
  }
  await Promise.all(calls);
  expect(most).toBe(1);
});
