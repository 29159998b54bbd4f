import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { missingPython } from "../../support/python/environment.ts";
import { type RedisUpstash, startRedisUpstash } from "../../support/redis-upstash.ts";
import { type Client, nodeClient, pythonClient } from "./_client.ts";
import { KEY, type Service, startService, TEXT } from "./_service.ts";

/** A window that a test can wait for. */
const WINDOW_S = 3;

let redis: RedisUpstash;
let service: Service;
beforeAll(async () => {
  redis = await startRedisUpstash();
  service = await startService({
    UPSTASH_REDIS_REST_URL: redis.upstash.url,
    UPSTASH_REDIS_REST_TOKEN: redis.upstash.token,
    RAG_RATE_LIMIT: `2/${WINDOW_S}s`,
  });
});
afterAll(async () => {
  await service?.stop();
  await redis?.stop();
});

const CLIENTS = [
  { name: "OpenAI's client for Node", load: () => nodeClient("openai-node.mjs"), missing: undefined },
  { name: "OpenAI's client for Python", load: () => pythonClient("openai_python.py"), missing: missingPython() },
];
const request = { model: "edge-rag", messages: [{ role: "user", content: "How do bees tell where flowers are?" }] };

describe.each(CLIENTS)("over the limit, $name", ({ load, missing }) => {
  describe.skipIf(missing)(missing ? "(NOT TESTED: no Python)" : "", () => {
    let client: Client;
    beforeAll(() => {
      client = load();
    });

    /** Spends the whole limit. */
    async function spend(): Promise<void> {
      const headers = { "content-type": "application/json", authorization: `Bearer ${KEY}` };
      const post = () => fetch(`${service.app.url}/query`, { method: "POST", headers, body: "{}" });
      for (let response = await post(); response.status !== 429; ) response = await post();
    }

    // A client's start may outlast the window: its own requests then spend the next one.
    it("throws its exception, with the time to wait", { retry: 5 }, async () => {
      await spend();
      const target = { baseUrl: service.baseUrl, key: KEY };
      const { error } = await client(target, { do: "chat", request });
      expect(error).toMatchObject({
        name: "RateLimitError",
        status: 429,
        code: "rate_limit_exceeded",
        type: "requests",
      });
      expect(Number(error.retryAfter)).toBeGreaterThanOrEqual(1);
    });

    it("waits as long as it is told, tries again, and gets its answer", { retry: 5 }, async () => {
      const refused = () => service.app.output().split("POST /v1/chat/completions 429").length;
      const before = refused();
      await spend();
      const { choices } = await client({ baseUrl: service.baseUrl, key: KEY, retries: 3 }, { do: "chat", request });
      expect(choices[0].message.content).toBe(TEXT);
      expect(refused()).toBeGreaterThan(before);
    });
  });
});
