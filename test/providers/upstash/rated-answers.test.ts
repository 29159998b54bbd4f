import { expect, test } from "vitest";
import { createUpstashRatedAnswers } from "#providers/upstash/rated-answers.ts";
import { upstash } from "./_upstash.ts";

test("an answer is added once, with one command that expires", async () => {
  const { redis, server } = await upstash();
  const { add } = createUpstashRatedAnswers(redis);
  expect([await add("a", 1_000.5), await add("a", 1_000)]).toEqual([true, false]);
  expect(JSON.parse(server.requests[0]?.body ?? "")).toEqual(["set", "edge-rag:rated:v1:a", 1, "nx", "px", 1_001]);
});

test("what is neither OK nor null is no proof that an answer is new", async () => {
  const { redis, server } = await upstash();
  server.instead = (response) => void response.end('{"result":"QUEUED"}');
  await expect(createUpstashRatedAnswers(redis).add("a", 1_000)).rejects.toMatchObject({ code: "malformed_response" });
});
