import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { bundle, ROOT } from "#deploy/bundle/bundle.ts";
import { memoryRedis } from "../../support/memory-redis.ts";
import { startUpstashServer } from "../../support/upstash-server.ts";

test("a bundle has the commands that the rate limiter sends, and few others", async () => {
  mkdirSync(join(ROOT, ".bundle"), { recursive: true });
  const folder = mkdtempSync(join(ROOT, ".bundle/upstash-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const { outputs } = await bundle(folder, { entries: ["lib/compose/rate-limiter.ts"] });
  const inputs = Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs));
  const client = inputs.filter(([path]) => path.includes("node_modules/@upstash/redis/"));
  expect(client.reduce((bytes, [, { bytesInOutput }]) => bytes + bytesInOutput, 0)).toBeLessThan(40_000);

  const { createRateLimiter } = await import(pathToFileURL(join(folder, "rate-limiter.mjs")).href);
  const upstash = await startUpstashServer(memoryRedis().run);
  onTestFinished(() => upstash.close());
  const limiter = createRateLimiter({ ...upstash, fetch }, { requests: 60, windowMs: 60_000 });
  // This Redis runs no scripts.
  await expect(limiter.limit("a")).rejects.toMatchObject({ name: "UpstashRestError" });
  expect(upstash.requests.map(({ body }) => JSON.parse(body)[0])).toEqual(["evalsha"]);
});
