import { describe, expect, test } from "vitest";
import { readDeployedSettings, SECRETS, secretsOf, startupProblems } from "#config/deployed.ts";
import { environment } from "#config/env.ts";

const URLS = {
  OPENAI_CHAT_BASE_URL: "https://chat.example/v1",
  OPENAI_EMBEDDING_BASE_URL: "https://embedding.example/v1",
  OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector.example",
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "https://metrics.example/v1/metrics",
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://traces.example/v1/traces",
  QDRANT_URL: "https://qdrant.example",
  RERANK_URL: "https://rerank.example",
  UPSTASH_REDIS_REST_URL: "https://redis.example",
};

test("every setting whose name suggests a secret is in SECRETS", () => {
  const suggestive = Object.keys(environment.shape).filter((name) => /KEY|TOKEN|SECRET|PASSWORD|HEADERS/.test(name));
  // A path: the key is in the file.
  const secret = suggestive.filter((name) => !/^OTEL_EXPORTER_OTLP_(?:\w+_)?CLIENT_KEY$/.test(name));
  expect(secret).toHaveLength(suggestive.length - 3);
  expect(SECRETS.toSorted()).toEqual(secret.toSorted());
});

test("a deployment gets the settings that are set, except secrets and those of Lambda or a laptop", () => {
  const secrets = Object.fromEntries(SECRETS.map((name) => [name, "secret"]));
  const notDeployed = { AWS_REGION: "eu-central-1", IS_OFFLINE: "true", RAG_DATA_DIR: "/tmp", RAG_EMBEDDED: "true" };
  const settings = { ...URLS, RAG_RATE_LIMIT: "60/1m" };
  expect(readDeployedSettings({ ...secrets, ...notDeployed, ...settings, OPENAI_BASE_URL: "", PATH: "/bin" })).toEqual(
    settings,
  );
});

describe("secretsOf", () => {
  test("returns the secrets of the configured services", () => {
    expect(secretsOf({}, "")).toEqual(["OPENAI_API_KEY", "RAG_API_KEYS"]);
    expect(secretsOf(URLS, "").toSorted()).toEqual(SECRETS.toSorted());
    expect(secretsOf({ RAG_PUBLIC: "true" }, "")).toEqual(["OPENAI_API_KEY"]);
    expect(secretsOf({ RAG_PUBLIC: "false" }, "")).toContain("RAG_API_KEYS");
  });

  test("returns the chosen secrets, and throws for an unknown one", () => {
    expect(secretsOf(URLS, "RAG_API_KEYS, QDRANT_API_KEY")).toEqual(["RAG_API_KEYS", "QDRANT_API_KEY"]);
    expect(() => secretsOf(URLS, "RAG_API_KEYS,toString")).toThrow(
      "RAG_SECRETS: unknown secret toString; must be some of OPENAI_API_KEY,",
    );
  });
});

test("startupProblems lists why functions would fail to start, without checking secrets", () => {
  const references = Object.fromEntries(SECRETS.map((name) => [name, "{{resolve:secretsmanager:a}}"]));
  expect(startupProblems({ ...URLS, ...references })).toEqual([]);
  expect(startupProblems({ ...URLS, ...references, RAG_RATE_LIMIT: "often" })).toEqual([
    expect.stringContaining("RAG_RATE_LIMIT: must be REQUESTS/WINDOW"),
  ]);
  expect(startupProblems({ OPENAI_API_KEY: "{{resolve:secretsmanager:a}}", RAG_PUBLIC: "true" })).toEqual([
    "QDRANT_URL: must be set on Lambda.",
    "UPSTASH_REDIS_REST_URL: must be set on Lambda.",
  ]);
});
