import { describe, expect, it, onTestFinished } from "vitest";
import { missingPython } from "../../support/python/environment.ts";
import { startRedisUpstash } from "../../support/redis-upstash.ts";
import { nodeClient, pythonClient } from "./_client.ts";
import { KEY, type Service, startService, TEXT } from "./_service.ts";

const CLIENTS = [
  { name: "OpenAI's client for Node", load: () => nodeClient("openai-node.mjs"), missing: undefined },
  { name: "OpenAI's client for Python", load: () => pythonClient("openai_python.py"), missing: missingPython() },
];
const request = { model: "edge-rag", messages: [{ role: "user", content: "How do bees tell where flowers are?" }] };

/** A service with this limit, whose requests are counted in a Redis of its own, and which is spent. */
async function startSpent(limit: string): Promise<Service> {
  const redis = await startRedisUpstash();
  onTestFinished(redis.stop);
  const service = await startService({
    UPSTASH_REDIS_REST_URL: redis.upstash.url,
    UPSTASH_REDIS_REST_TOKEN: redis.upstash.token,
    RAG_RATE_LIMIT: limit,
  });
  onTestFinished(service.stop);
  const headers = { "content-type": "application/json", authorization: `Bearer ${KEY}` };
  const post = () => fetch(`${service.app.url}/query`, { method: "POST", headers, body: "{}" });
  for (let response = await post(); response.status !== 429; ) response = await post();
  return service;
}

describe.each(CLIENTS)("over the limit, $name", ({ load, missing }) => {
  describe.skipIf(missing)(missing ? "(NOT TESTED: no Python)" : "", () => {
    // On a machine that is busy for the 300 ms that counting may take, a request is allowed uncounted.
    it("throws its exception, with the time to wait", { retry: 3 }, async () => {
      const { baseUrl } = await startSpent("2/1h");
      const { error } = await load()({ baseUrl, key: KEY }, { do: "chat", request });
      expect(error).toMatchObject({
        ...{ name: "RateLimitError", status: 429, code: "rate_limit_exceeded", type: "requests" },
        message: expect.stringContaining("Try again in"),
      });
      expect(Number(error.retryAfter)).toBeGreaterThan(1);
    });

    // A client that needs as long as the window to start is never refused.
    it("waits as long as it is told, tries again, and gets its answer", { retry: 3 }, async () => {
      const { app, baseUrl } = await startSpent("2/10s");
      const { choices } = await load()({ baseUrl, key: KEY, retries: 3 }, { do: "chat", request });
      expect(choices[0].message.content).toBe(TEXT);
      expect(app.output()).toContain("POST /v1/chat/completions 429");
    });
  });
});
