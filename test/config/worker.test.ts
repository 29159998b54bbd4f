import { describe, expect, it } from "vitest";
import { readWorkerConfig } from "#config/worker.ts";
import { errorOf } from "./_error-of.ts";

const SERVICES = {
  OPENAI_API_KEY: "sk-test",
  QDRANT_URL: "https://qdrant.example",
  UPSTASH_REDIS_REST_URL: "https://upstash.example",
  UPSTASH_REDIS_REST_TOKEN: "token",
};

describe("readWorkerConfig", () => {
  it("reads the settings of the functions from bindings, past those that are no text", () => {
    const config = readWorkerConfig({ ...SERVICES, RAG_PUBLIC: "true", QUEUE: {}, RAG_MAX_SUBREQUESTS: "1000" });
    expect(config).toMatchObject({ flushDelayMs: 100, maxSubrequests: 1_000, services: { qdrant: {} } });
    expect(config.lambda).toBeUndefined();
  });

  it("names what is missing: there are no embedded parts", () => {
    expect(
      errorOf({}, readWorkerConfig)
        .split("\n")
        .map((line) => line.split(":")[0]),
    ).toEqual([...["RAG_API_KEYS", "OPENAI_API_KEY", "QDRANT_URL", "UPSTASH_REDIS_REST_URL"]]);
    expect(errorOf({}, readWorkerConfig)).toContain("OPENAI_API_KEY: must be set in a worker.");
  });

  it("refuses what a worker has not, and names all invalid settings at once", () => {
    const more = {
      RAG_PUBLIC: "true",
      RAG_FLUSH_DELAY_MS: "x",
      RAG_SECRETS_FROM: "secret",
      RAG_OTLP_EXPORTER: "opentelemetry",
    };
    expect(errorOf({ ...SERVICES, ...more, OTEL_EXPORTER_OTLP_CERTIFICATE: "/ca.pem" }, readWorkerConfig)).toBe(
      [
        "RAG_SECRETS_FROM: is not supported in a worker: unset it.",
        "OTEL_EXPORTER_OTLP_CERTIFICATE: is not supported in a worker: unset it.",
        "RAG_OTLP_EXPORTER: must be built-in in a worker: OpenTelemetry's exporters need Node.js.",
        "RAG_FLUSH_DELAY_MS: must be a whole number from 0 to 20000.",
      ].join("\n"),
    );
  });
});
