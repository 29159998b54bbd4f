import { describe, expect, test } from "vitest";
import {
  credentialsInUrls,
  readDeployedSettings,
  readSecretSizes,
  SECRETS,
  secretsOf,
  startupProblems,
} from "#config/deployed.ts";
import { environment } from "#config/env.ts";

const URLS = {
  OPENAI_CHAT_BASE_URL: "https://chat.example/v1",
  OPENAI_EMBEDDING_BASE_URL: "https://embedding.example/v1",
  OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector.example",
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "https://metrics.example/v1/metrics",
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://traces.example/v1/traces",
  QDRANT_URL: "https://qdrant.example",
  RAG_FEEDBACK_SECONDS: "3600",
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
  const ofCommands = { RAG_SMOKE_KEY: "erag_x", RAG_SMOKE_JAEGER: "https://a:b@j", RAG_API_KEY: "erag_y" };
  const settings = { ...URLS, RAG_RATE_LIMIT: "60/1m" };
  expect(
    readDeployedSettings({ ...secrets, ...notDeployed, ...ofCommands, ...settings, OPENAI_BASE_URL: "", PATH: "/bin" }),
  ).toEqual(settings);
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

test.each([
  ["QDRANT_URL", "https://me:canary@qdrant.example", 'a user or password before "@"', "QDRANT_API_KEY"],
  ["OPENAI_BASE_URL", "https://canary@models.example/v1", 'a user or password before "@"', "OPENAI_API_KEY"],
  ["OPENAI_CHAT_BASE_URL", "https://m.example/?api_key=canary", 'a credential in "api_key"', "OPENAI_CHAT_API_KEY"],
  [
    "RERANK_URL",
    "https://r.example/rerank?x=1&Access-Token=canary",
    'a credential in "Access-Token"',
    "RERANK_API_KEY",
  ],
  ["UPSTASH_REDIS_REST_URL", "https://r.example?_token=canary", 'a credential in "_token"', "UPSTASH_REDIS_REST_TOKEN"],
  ["OTEL_EXPORTER_OTLP_ENDPOINT", "HTTPS://:canary@c.example", "a user or password", "OTEL_EXPORTER_OTLP_HEADERS"],
  [
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "https://c.example/?sig=canary",
    'a credential in "sig"',
    "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
  ],
])(
  "%s with a credential is refused without showing it, and the error says where it belongs",
  (name, url, what, secret) => {
    const [problem = "", ...others] = credentialsInUrls({ ...URLS, [name]: url });
    expect(others).toEqual([]);
    expect(problem).toContain(`${name}: must not have ${what}`);
    expect(problem).toContain(`it belongs in ${secret} of the secret`);
    expect(problem).not.toContain("canary");
  },
);

test("what is no credential is none", () => {
  const azure = "https://x.openai.azure.com/openai/deployments/y?api-version=2026-01-01";
  expect(credentialsInUrls({ ...URLS, OPENAI_BASE_URL: azure, QDRANT_URL: "https://q.example/?key=" })).toEqual([]);
  expect(credentialsInUrls({ OPENAI_CHAT_MODEL: "me@example", OTEL_RESOURCE_ATTRIBUTES: "a=https://a:b@c" })).toEqual(
    [],
  );
});

test("a secret's size is that of its value, where it is known, else the smallest", () => {
  const sizes = readSecretSizes({ OPENAI_API_KEY: "sk-€", QDRANT_API_KEY: "" });
  expect(sizes).toMatchObject({ OPENAI_API_KEY: 6, QDRANT_API_KEY: 1, RAG_API_KEYS: 66 });
  expect(Object.keys(sizes).toSorted()).toEqual(SECRETS.toSorted());
});
