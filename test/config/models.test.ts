import { describe, expect, test } from "vitest";
import { readConfig } from "#config/env.ts";

const LAMBDA = {
  ...{ AWS_LAMBDA_FUNCTION_NAME: "query", AWS_LAMBDA_RUNTIME_API: "127.0.0.1:9001", RAG_PUBLIC: "true" },
  ...{ QDRANT_URL: "https://qdrant.example", UPSTASH_REDIS_REST_URL: "https://redis.example" },
  UPSTASH_REDIS_REST_TOKEN: "secret",
};
const LOCAL = "http://127.0.0.1:8080/v1";
const OTHER = "http://127.0.0.1:8081/v1";

describe("the servers of the two models", () => {
  test.each([
    ["a common address and key", { OPENAI_BASE_URL: LOCAL, OPENAI_API_KEY: "a" }, [LOCAL, "a"], [LOCAL, "a"]],
    [
      "an address and a key for each",
      {
        ...{ OPENAI_EMBEDDING_BASE_URL: LOCAL, OPENAI_EMBEDDING_API_KEY: "e" },
        ...{ OPENAI_CHAT_BASE_URL: OTHER, OPENAI_CHAT_API_KEY: "c" },
      },
      [LOCAL, "e"],
      [OTHER, "c"],
    ],
    ["only an address for chat", { OPENAI_CHAT_BASE_URL: LOCAL }, undefined, [LOCAL, undefined]],
    ["only a key for embeddings", { OPENAI_EMBEDDING_API_KEY: "e" }, [undefined, "e"], undefined],
    [
      "OpenAI's key, which is not sent to another address",
      { OPENAI_API_KEY: "a", OPENAI_EMBEDDING_BASE_URL: LOCAL },
      [LOCAL, undefined],
      [undefined, "a"],
    ],
    [
      "the common address's key, which is not sent to another port",
      { OPENAI_BASE_URL: LOCAL, OPENAI_API_KEY: "a", OPENAI_CHAT_BASE_URL: OTHER },
      [LOCAL, "a"],
      [OTHER, undefined],
    ],
    [
      "another path of the common address, with its key",
      { OPENAI_BASE_URL: LOCAL, OPENAI_API_KEY: "a", OPENAI_CHAT_BASE_URL: "http://127.0.0.1:8080/chat/v1" },
      [LOCAL, "a"],
      ["http://127.0.0.1:8080/chat/v1", "a"],
    ],
    [
      "a key of its own at the common address",
      { OPENAI_BASE_URL: LOCAL, OPENAI_API_KEY: "a", OPENAI_CHAT_API_KEY: "c" },
      [LOCAL, "a"],
      [LOCAL, "c"],
    ],
  ])("have %s", (_, env, embedding, chat) => {
    const { services } = readConfig(env);
    const of = (server: { baseURL?: string; apiKey?: string } | undefined) => server && [server.baseURL, server.apiKey];
    expect([of(services.embedding), of(services.chat)]).toEqual([embedding, chat]);
  });

  test("must both be configured on Lambda", () => {
    expect(() => readConfig({ ...LAMBDA, OPENAI_EMBEDDING_API_KEY: "e" })).toThrow(
      "OPENAI_CHAT_API_KEY: must be set on Lambda, or OPENAI_CHAT_BASE_URL for a server without keys.",
    );
    expect(() => readConfig({ ...LAMBDA, OPENAI_CHAT_BASE_URL: LOCAL })).toThrow(
      "OPENAI_EMBEDDING_API_KEY: must be set on Lambda, or OPENAI_EMBEDDING_BASE_URL for a server without keys.",
    );
    const both = { ...LAMBDA, OPENAI_CHAT_BASE_URL: LOCAL, OPENAI_EMBEDDING_API_KEY: "e" };
    expect(readConfig(both).services.embedding).toBeDefined();
  });

  test("need the size of the vectors only when the embedding model is not embedded", () => {
    const env = { OPENAI_EMBEDDING_MODEL: "nomic-embed-text", OPENAI_CHAT_BASE_URL: LOCAL };
    expect(readConfig(env).services.embedding).toBeUndefined();
    expect(() => readConfig({ ...env, OPENAI_EMBEDDING_BASE_URL: OTHER })).toThrow("OPENAI_EMBEDDING_DIMENSIONS");
  });
});

test('a prefix is used as it is, and "none" is no prefix', () => {
  const env = {
    OPENAI_API_KEY: "a",
    OPENAI_EMBEDDING_QUERY_PREFIX: "query: ",
    OPENAI_EMBEDDING_DOCUMENT_PREFIX: "none",
  };
  expect(readConfig(env).services.embedding).toMatchObject({ queryPrefix: "query: ", passagePrefix: "" });
});

test.each(["0", "2049", "many"])("a batch of %s texts is rejected", (size) => {
  expect(() => readConfig({ OPENAI_EMBEDDING_BATCH_SIZE: size })).toThrow(
    "OPENAI_EMBEDDING_BATCH_SIZE: must be a whole number from 1 to 2048.",
  );
});
