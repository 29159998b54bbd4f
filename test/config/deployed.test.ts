import { describe, expect, test } from "vitest";
import { readDeployedSettings, SECRETS, secretsOf, startupProblems } from "#config/deployed.ts";
import { environment } from "#config/env.ts";

const URLS = {
  OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector.example",
  QDRANT_URL: "https://qdrant.example",
  RERANK_URL: "https://rerank.example",
  UPSTASH_REDIS_REST_URL: "https://redis.example",
};

test("every setting whose name says that it is secret is known as one", () => {
  const telling = Object.keys(environment.shape).filter((name) => /KEY|TOKEN|SECRET|PASSWORD|HEADERS/.test(name));
  expect(SECRETS.toSorted()).toEqual(telling.toSorted());
});

test("a deployment gets the settings that are set, and neither secrets nor what Lambda or a laptop sets", () => {
  const secrets = Object.fromEntries(SECRETS.map((name) => [name, "secret"]));
  const elsewhere = { AWS_REGION: "eu-central-1", IS_OFFLINE: "true", RAG_DATA_DIR: "/tmp", RAG_EMBEDDED: "true" };
  const settings = { ...URLS, RAG_RATE_LIMIT: "60/1m" };
  expect(readDeployedSettings({ ...secrets, ...elsewhere, ...settings, OPENAI_BASE_URL: "", PATH: "/bin" })).toEqual(
    settings,
  );
});

describe("secrets", () => {
  test("are referred to where their service is set", () => {
    expect(secretsOf({}, "")).toEqual(["OPENAI_API_KEY", "RAG_API_KEYS"]);
    expect(secretsOf(URLS, "").toSorted()).toEqual(SECRETS.toSorted());
    expect(secretsOf({ RAG_PUBLIC: "true" }, "")).toEqual(["OPENAI_API_KEY"]);
    expect(secretsOf({ RAG_PUBLIC: "false" }, "")).toContain("RAG_API_KEYS");
  });
  test("may be chosen, and one that is not known is refused", () => {
    expect(secretsOf(URLS, "RAG_API_KEYS, QDRANT_API_KEY")).toEqual(["RAG_API_KEYS", "QDRANT_API_KEY"]);
    expect(() => secretsOf(URLS, "RAG_API_KEYS,toString")).toThrow("RAG_SECRETS: toString is none of OPENAI_API_KEY,");
  });
});

test("says why functions would refuse to start, whatever the secrets are", () => {
  const references = Object.fromEntries(SECRETS.map((name) => [name, "{{resolve:secretsmanager:a}}"]));
  expect(startupProblems({ ...URLS, ...references })).toEqual([]);
  expect(startupProblems({ ...URLS, ...references, RAG_RATE_LIMIT: "often" })).toEqual([
    expect.stringContaining("RAG_RATE_LIMIT: must be a number of requests"),
  ]);
  expect(startupProblems({ OPENAI_API_KEY: "{{resolve:secretsmanager:a}}", RAG_PUBLIC: "true" })).toEqual([
    "QDRANT_URL: must be set on Lambda.",
    "UPSTASH_REDIS_REST_URL: must be set on Lambda.",
  ]);
});
