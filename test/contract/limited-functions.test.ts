import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { bundle, ROOT } from "#deploy/bundle/bundle.ts";
import type { Sent } from "../functions/_requests.ts";
import { runOnLambda } from "../functions/_rollback.ts";
import { bees, question } from "../functions/_rollback-requests.ts";
import { stable } from "../functions/_stable.ts";
import { type RedisUpstash, startRedisUpstash } from "../support/redis-upstash.ts";
import { runFunction } from "../tools/size/run.ts";
import { startServices } from "../tools/size/services.ts";

let folder: string;
let place: RedisUpstash;
beforeAll(async () => {
  mkdirSync(join(ROOT, ".bundle"), { recursive: true });
  folder = mkdtempSync(join(ROOT, ".bundle/limited-"));
  [place] = await Promise.all([startRedisUpstash(), bundle(folder)]);
});
afterAll(async () => {
  await place?.stop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => place.redis.send([["FLUSHALL"], ["SCRIPT", "FLUSH"]]));

const fileOf = (name: string) => join(folder, `${name}.mjs`);
const settings = (RAG_RATE_LIMIT: string) => ({
  UPSTASH_REDIS_REST_URL: place.front.url,
  UPSTASH_REDIS_REST_TOKEN: place.front.token,
  RAG_PUBLIC: "true",
  RAG_RATE_LIMIT,
});

// A machine that is busy for the 300 ms that counting may take lets a request go on uncounted: then once more.
test("bundled functions count together and refuse what is beyond the limit, the same without telemetry", {
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
  await place.redis.send([["FLUSHALL"]]);
  const off = await requests("false");
  expect(off.replies.map(stable)).toEqual(on.replies.map(stable));
});

test("what counts in a bundle never loads Node's own fetch", { retry: 5 }, async () => {
  const services = await startServices();
  const query = { method: "POST", path: "/query", body: { question } };
  const env = { ...services.env, ...settings("1/30d") };
  const { ofNode, replies } = await runFunction(fileOf("query"), env, [query, query]);
  await services.close();
  expect(replies).toMatchObject([{ status: 200 }, { status: 429, headers: { "ratelimit-remaining": "0" } }]);
  expect(ofNode).toContain("http");
  expect(ofNode.filter((module) => module.includes("undici"))).toEqual([]);
});
