import { expect, it } from "vitest";
import { BusyError, createSlots } from "#console/documents/slots.ts";

const never = new AbortController().signal;

function task() {
  const { promise, resolve } = Promise.withResolvers<string>();
  let isRunning = false;
  const run = () => {
    isRunning = true;
    return promise;
  };
  return { run, finish: resolve, isRunning: () => isRunning };
}

it("runs as many tasks as there are slots, the others in turn, and refuses more than may wait", async () => {
  const slots = createSlots(1, 2);
  const [first, second, third] = [task(), task(), task()];
  const results = [first, second, third].map(({ run }) => slots.run(run, never));
  await expect(slots.run(async () => "fourth", never)).rejects.toThrow(BusyError);
  expect([first, second, third].map(({ isRunning }) => isRunning())).toEqual([true, false, false]);
  first.finish("first");
  await expect.poll(() => second.isRunning()).toBe(true);
  expect(third.isRunning()).toBe(false);
  second.finish("second");
  third.finish("third");
  expect(await Promise.all(results)).toEqual(["first", "second", "third"]);
  expect(await slots.run(async () => "later", never)).toBe("later");
});

it("forgets a task that is aborted while it waits, and frees the slot of one that fails", async () => {
  const slots = createSlots(1, 5);
  const first = task();
  const running = slots.run(first.run, never);
  const abort = new AbortController();
  const waiting = slots.run(async () => "never", abort.signal);
  abort.abort(new Error("cancelled"));
  await expect(waiting).rejects.toThrow("cancelled");
  first.finish("first");
  await running;
  await expect(slots.run(() => Promise.reject(new Error("failed")), never)).rejects.toThrow("failed");
  expect(await slots.run(async () => "next", never)).toBe("next");
});
