import { EventEmitter } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { createContextKey, ROOT_CONTEXT } from "@opentelemetry/api";
import { expect, test } from "vitest";
import { AsyncContextManager } from "#telemetry/sdk/context-manager.ts";

const KEY = createContextKey("test");
const manager = new AsyncContextManager().enable();
const named = (name: string) => ROOT_CONTEXT.setValue(KEY, name);
const active = () => manager.active().getValue(KEY);

test("a context is kept through awaits, timers and nesting, and ends with its function", async () => {
  const seen: unknown[] = [];
  await Promise.all(
    ["a", "b"].map((name) =>
      manager.with(named(name), async () => {
        await delay(5);
        manager.with(named(`${name}-inner`), () => seen.push(active()));
        seen.push(active());
      }),
    ),
  );
  expect(seen.toSorted()).toEqual(["a", "a-inner", "b", "b-inner"]);
  expect(manager.active()).toBe(ROOT_CONTEXT);
});

test("arguments, `this`, results and errors pass through", () => {
  const add = function (this: { base: number }, more: number) {
    return this.base + more;
  };
  expect(manager.with(named("a"), add, { base: 1 }, 2)).toBe(3);
  const bound = manager.bind(named("a"), function (this: { base: number }, more: number) {
    return [this.base + more, active()];
  });
  expect(bound.call({ base: 1 }, 2)).toEqual([3, "a"]);
  const fail = () => {
    throw new RangeError("x");
  };
  expect(() => manager.with(named("a"), fail)).toThrow(RangeError);
});

test("a value that is not a function is not bound", () => {
  const emitter = new EventEmitter();
  expect(manager.bind(named("a"), emitter)).toBe(emitter);
});

test("when disabled, there is no active context", () => {
  const other = new AsyncContextManager();
  other.with(named("a"), () => {
    other.disable();
    expect(other.active()).toBe(ROOT_CONTEXT);
  });
});
