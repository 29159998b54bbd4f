import { expect, test } from "vitest";
import { createUpstashCache } from "#providers/upstash/cache.ts";
import { createCachedEmbedder } from "#providers/wrappers/cached-embedder.ts";
import type { RagError } from "#rag/errors.ts";
import { errorType } from "#telemetry/sdk/error-type.ts";
import { hashEmbedder, hashVector } from "../_hash-embedder.ts";
import { upstash } from "./_upstash.ts";

const vector = (...values: number[]) => Float32Array.from(values);

test("reads with one MGET, writes with one pipeline with the TTL in each command", async () => {
  const { cache, server } = await upstash();
  await cache.setMany([
    ["a", vector(1, 2)],
    ["b", vector(3)],
  ]);
  expect(await cache.getMany(["b", "none", "a"])).toEqual([vector(3), undefined, vector(1, 2)]);
  expect(server.requests.map(({ path, body }) => [path, JSON.parse(body)])).toEqual([
    [
      "/pipeline",
      [
        ["set", "edge-rag:embedding:v1:a", '"AACAPwAAAEA="', "ex", 2_592_000],
        ["set", "edge-rag:embedding:v1:b", '"AABAQA=="', "ex", 2_592_000],
      ],
    ],
    ["/", ["mget", "edge-rag:embedding:v1:b", "edge-rag:embedding:v1:none", "edge-rag:embedding:v1:a"]],
  ]);
});

test("sends no request without keys", async () => {
  const { cache, server } = await upstash();
  expect(await cache.getMany([])).toEqual([]);
  await cache.setMany([]);
  expect(server.requests).toEqual([]);
});

test("uses the configured prefix and TTL", async () => {
  const { redis, server } = await upstash();
  await createUpstashCache(redis, { prefix: "other", ttlSeconds: 60 }).setMany([["a", vector(1)]]);
  expect(JSON.parse(server.requests[0]?.body ?? "")).toEqual([["set", "other:embedding:v1:a", '"AACAPw=="', "ex", 60]]);
});

test("splits many vectors into several requests, none over 5 MB", async () => {
  const { cache, server } = await upstash();
  const keys = Array.from({ length: 600 }, (_, index) => `${index}`);
  const vectors = keys.map((_, index) => new Float32Array(3_072).fill(index));
  await cache.setMany(keys.map((key, index) => [key, vectors[index] ?? vector()]));
  expect(await cache.getMany(keys)).toEqual(vectors);
  expect(server.requests.map(({ path }) => path)).toEqual(["/pipeline", "/pipeline", "/pipeline", "/", "/", "/"]);
  for (const { body } of server.requests) expect(body.length).toBeLessThan(5_000_000);
});

test.each([
  ["text", "not a vector"],
  ["a number, which the client would parse", "12345678"],
  ["an empty value", ""],
  ["a length that is not a multiple of four bytes", Buffer.alloc(6).toString("base64")],
  ["truncated base64", Buffer.alloc(16).toString("base64").slice(0, -3)],
  ["base64 with an invalid character", `!${Buffer.alloc(8).toString("base64")}`],
  ["JSON", "[1,2,3]"],
])("%s in place of a vector is a miss", async (_, value) => {
  const { cache, values } = await upstash();
  values.set("edge-rag:embedding:v1:a", value);
  values.set("edge-rag:embedding:v1:b", "AACAPw=="); // as earlier versions wrote it
  expect(await cache.getMany(["a", "b"])).toEqual([undefined, vector(1)]);
});

test.each([
  ["fewer values than keys", { result: ["AACAPw=="] }],
  ["more values than keys", { result: ["AACAPw==", null, null] }],
  ["a single value", { result: "AACAPw==" }],
  ["null", { result: null }],
])("a response with %s is an error, never another key's vector", async (_, body) => {
  const { cache, server } = await upstash();
  server.instead = (response) => void response.end(JSON.stringify(body));
  await expect(cache.getMany(["a", "b"])).rejects.toMatchObject({
    name: "UpstashRestError",
    code: "malformed_response",
    message: "MGET failed: it did not return 2 values",
  });
});

test("rejects with Redis' code when one of the vectors could not be written", async () => {
  const { cache, server } = await upstash();
  server.instead = (response) =>
    void response.end(
      JSON.stringify([{ result: "OK" }, { error: "OOM command not allowed when used memory > 'maxmemory'." }]),
    );
  const write = cache.setMany([
    ["a", vector(1)],
    ["b", vector(2)],
  ]);
  await expect(write).rejects.toMatchObject({
    code: "OOM",
    message: expect.stringMatching(/^SET failed: OOM command/),
  });
});

test("behind a cached embedder: hits need no call, a vector of another size is embedded again, a cache failure is reported", async () => {
  const { cache, values, server } = await upstash();
  const errors: RagError[] = [];
  const cached = createCachedEmbedder(hashEmbedder, cache, { onCacheError: (error) => errors.push(error) });
  expect((await cached.embed(["a", "b"])).cacheHits).toBe(0);
  expect(await cached.embed(["a", "b"])).toEqual({
    vectors: [hashVector("a"), hashVector("b")],
    cacheHits: 2,
    tokens: 0,
  });

  for (const key of values.keys()) values.set(key, "AACAPw==");
  expect((await cached.embed(["a"])).vectors).toEqual([hashVector("a")]);
  expect((await cached.embed(["a"])).cacheHits).toBe(1);
  expect(errors).toEqual([]);

  server.instead = (response) => void response.writeHead(500).end("oops");
  expect((await cached.embed(["a"])).vectors).toEqual([hashVector("a")]);
  expect(errors.map((error) => [error.stage, errorType(error)])).toEqual([["cache", "HTTP_500"]]);
});
