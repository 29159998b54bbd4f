import { expect, onTestFinished, test, vi } from "vitest";
import { createFeedback } from "#compose/feedback.ts";
import { createParts } from "#compose/parts.ts";
import { readConfig } from "#config/env.ts";
import { memoryRedis } from "../support/memory-redis.ts";
import { startOpenAIServer } from "../support/openai-server.ts";
import { startQdrantServer } from "../support/qdrant-server.ts";
import { startUpstashServer } from "../support/upstash-server.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

/** Parts with Redis and no telemetry. */
async function openParts(settings: Record<string, string>) {
  const [openai, qdrant] = [await startOpenAIServer(), await startQdrantServer()];
  const upstash = await startUpstashServer(memoryRedis().run);
  onTestFinished(async () => {
    upstash.close();
    await Promise.all([openai.close(), qdrant.close()]);
  });
  const env = {
    ...{ OPENAI_BASE_URL: openai.url, OPENAI_API_KEY: "sk-test", QDRANT_URL: qdrant.url, OTEL_ENABLED: "false" },
    ...{ UPSTASH_REDIS_REST_URL: upstash.url, UPSTASH_REDIS_REST_TOKEN: upstash.token },
    ...settings,
  };
  return { parts: await createParts(readConfig(env)), upstash };
}

test("without telemetry a rating is taken once all the same; while Redis is down none is, and the log says why", async () => {
  const { parts, upstash } = await openParts({ RAG_FEEDBACK_SECRET: SECRET });
  const { sign, rate } = await createFeedback(parts);
  const post = (token = "") => rate?.({ traceId: TRACE, token, rating: 1 }, {});
  const [first, second] = [sign?.({ traceId: TRACE }), sign?.({ traceId: TRACE })];
  expect([await post(first), await post(first)]).toEqual(["counted", "replayed"]);

  const lines = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  onTestFinished(() => lines.mockRestore());
  upstash.instead = (response) => response.writeHead(500).end();
  const [before, outcome] = [upstash.requests.length, await post(second)];
  const attempts = upstash.requests.length - before;
  const logged = lines.mock.calls.join("");
  lines.mockRestore();
  expect([outcome, attempts]).toEqual(["unavailable", 1]);
  expect(logged).toContain("feedback not counted");
  upstash.instead = undefined;
  expect(await post(second)).toBe("counted");
});

test("without a secret nothing is signed and nothing is taken", async () => {
  const { parts } = await openParts({});
  expect(await createFeedback(parts)).toEqual({});
});
