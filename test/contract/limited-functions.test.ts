import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { bundle, ROOT } from "#deploy/bundle/bundle.ts";
import type { Sent } from "../functions/_requests.ts";
import { runOnLambda } from "../functions/_rollback.ts";
import { bees, question } from "../functions/_rollback-requests.ts";
import { stable } from "../functions/_stable.ts";
import { type RedisUpstash, startRedisUpstash } from "../support/redis-upstash.ts";
import { runFunction } from "../tools/size/run.ts";
import { startServices } from "../tools/size/services.ts";

let folder: string;
let server: RedisUpstash;
beforeAll(async () => {
  mkdirSync(join(ROOT, ".bundle"), { recursive: true });
  folder = mkdtempSync(join(ROOT, ".bundle/limited-"));
  [server] = await Promise.all([startRedisUpstash(), bundle(folder)]);
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => server.redis.send([["FLUSHALL"], ["SCRIPT", "FLUSH"]]));

const fileOf = (name: string) => join(folder, `${name}.mjs`);
const settings = (RAG_RATE_LIMIT: string) => ({
  UPSTASH_REDIS_REST_URL: server.upstash.url,
  UPSTASH_REDIS_REST_TOKEN: server.upstash.token,
  RAG_PUBLIC: "true",
  RAG_RATE_LIMIT,
});

// On a machine that is busy for the 300 ms that counting may take, a request is allowed uncounted: hence the retry.
test("bundled functions count together and reject requests over the limit, with and without telemetry", {
  retry: 5,
}, async () => {
  const embed: Sent = { to: "embed", request: "POST /embed", body: { documents: [bees] } };
  const query: Sent = { to: "query", request: "POST /query", body: { question } };
  const health: Sent = { to: "health", request: "GET /health" };
  const requests = (OTEL_ENABLED: string) =>
    runOnLambda(
      {
        files: { query: fileOf("query"), embed: fileOf("embed"), health: fileOf("health") },
        requests: [embed, query, { ...query, body: {} }, query, embed, health],
      },
      { ...settings("3/30d"), OTEL_ENABLED },
    );
  const on = await requests("true");
  expect(on.replies.map(({ status, headers }) => [status, headers["ratelimit-remaining"]])).toEqual([
    [200, "2"],
    [200, "1"],
    [400, "0"],
    [429, "0"],
    [429, "0"],
    [200, undefined],
  ]);
  await server.redis.send([["FLUSHALL"]]);
  const off = await requests("false");
  expect(off.replies.map(stable)).toEqual(on.replies.map(stable));
});

test("rate limiting in a bundle never loads Node's built-in fetch", { retry: 5 }, async () => {
  const services = await startServices();
  onTestFinished(() => services.close());
  const query = { method: "POST", path: "/query", body: { question } };
  const env = { ...services.env, ...settings("1/30d") };
  const { builtins, replies } = await runFunction(fileOf("query"), env, [query, query]);
  expect(replies).toMatchObject([{ status: 200 }, { status: 429, headers: { "ratelimit-remaining": "0" } }]);
  expect(builtins).toContain("http");
  expect(builtins.filter((module) => module.includes("undici"))).toEqual([]);
});
