import { expect, test } from "vitest";
import { createBindingRateLimit } from "#providers/cloudflare/rate-limit.ts";

test("asks the binding for the key, and says what it says", async () => {
  const keys: string[] = [];
  const binding = {
    async limit({ key }: { key: string }) {
      keys.push(key);
      return { success: keys.length < 2 };
    },
  };
  const limiter = createBindingRateLimit(binding);
  expect(limiter?.windowMs).toBe(60_000);
  expect([await limiter?.limit("a"), await limiter?.limit("b")]).toEqual([{ allowed: true }, { allowed: false }]);
  expect(keys).toEqual(["a", "b"]);
  expect(createBindingRateLimit(binding, 10_000)?.windowMs).toBe(10_000);
});

test.each([[undefined], ["text"], [{}]])("is none for %o", (binding) => {
  expect(createBindingRateLimit(binding)).toBeUndefined();
});
