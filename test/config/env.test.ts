import { describe, expect, it } from "vitest";
import { ConfigError, readConfig, readXrayTraceHeader } from "#config/env.ts";

function errorOf(env: Record<string, string>): string {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
  }
  throw new Error("the settings were accepted");
}

const SERVICES = {
  OPENAI_API_KEY: "sk-secret",
  QDRANT_URL: "https://qdrant.example:6333",
  UPSTASH_REDIS_REST_URL: "https://redis.example",
  UPSTASH_REDIS_REST_TOKEN: "secret",
};

describe("services", () => {
  it("take the place of the embedded parts, each by its address or key", () => {
    expect(readConfig(SERVICES).services).toEqual({
      openai: {
        apiKey: "sk-secret",
        embeddingModel: "text-embedding-3-small",
        dimensions: 1536,
        chatModel: "gpt-4o-mini",
      },
      qdrant: { url: "https://qdrant.example:6333", collection: "edge-rag" },
      upstash: { url: "https://redis.example", token: "secret" },
    });
    expect(
      readConfig({ QDRANT_URL: SERVICES.QDRANT_URL, QDRANT_API_KEY: "key", QDRANT_COLLECTION: "docs" }),
    ).toMatchObject({
      services: { qdrant: { url: SERVICES.QDRANT_URL, apiKey: "key", collection: "docs" } },
    });
  });

  it("rerank at an address, with the key and the model that it asks for", () => {
    const RERANK_URL = "https://api.cohere.com/v2/rerank";
    expect(readConfig({ RERANK_URL, RERANK_API_KEY: "key", RERANK_MODEL: "rerank-v3.5" }).services).toEqual({
      rerank: { url: RERANK_URL, apiKey: "key", model: "rerank-v3.5" },
    });
    expect(readConfig({ RERANK_URL, RERANK_API_KEY: "", RERANK_MODEL: "" }).services).toEqual({
      rerank: { url: RERANK_URL },
    });
  });

  it("need no key where the server is one's own, but the size of its model's vectors", () => {
    const ollama = { OPENAI_BASE_URL: "http://localhost:11434/v1", OPENAI_EMBEDDING_MODEL: "nomic-embed-text" };
    expect(errorOf(ollama)).toBe("OPENAI_EMBEDDING_DIMENSIONS: must be set for a model whose size is not known.");
    expect(
      readConfig({ ...ollama, OPENAI_EMBEDDING_DIMENSIONS: "768", OPENAI_CHAT_MODEL: "llama3.2" }).services,
    ).toEqual({
      openai: {
        baseURL: "http://localhost:11434/v1",
        embeddingModel: "nomic-embed-text",
        dimensions: 768,
        chatModel: "llama3.2",
      },
    });
  });

  it.each([
    [
      { UPSTASH_REDIS_REST_URL: "https://redis.example" },
      "UPSTASH_REDIS_REST_TOKEN: must be set with UPSTASH_REDIS_REST_URL.",
    ],
    [{ UPSTASH_REDIS_REST_TOKEN: "secret" }, "UPSTASH_REDIS_REST_URL: must be set with UPSTASH_REDIS_REST_TOKEN."],
    [{ QDRANT_API_KEY: "secret" }, "QDRANT_URL: must be set with QDRANT_API_KEY."],
    [{ RERANK_API_KEY: "secret" }, "RERANK_URL: must be set with RERANK_API_KEY."],
    [
      { RERANK_API_KEY: "secret", RERANK_MODEL: "m" },
      "RERANK_URL: must be set with RERANK_API_KEY.\nRERANK_URL: must be set with RERANK_MODEL.",
    ],
    [{ RERANK_URL: "api.cohere.com", RERANK_MODEL: "m" }, "RERANK_URL: must be an http or https URL."],
    [{ OPENAI_BASE_URL: "localhost" }, "OPENAI_BASE_URL: must be an http or https URL."],
  ])("that are half set are refused, without repeating a secret", (env, message) => {
    expect(errorOf(env)).toBe(message);
  });
});

describe("what Upstash Redis may do besides", () => {
  const { UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN } = SERVICES;
  const upstash = { UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN };

  it.each([
    ["60/1m", 60, 60_000],
    ["1000/1h", 1000, 3_600_000],
    ["10/10s", 10, 10_000],
    ["1/30d", 1, 2_592_000_000],
    [" 5 / 2 m ", 5, 120_000],
  ])("is to count requests: %j", (rate, requests, windowMs) => {
    expect(readConfig({ ...upstash, RAG_RATE_LIMIT: rate }).services.upstash?.rateLimit).toEqual({
      requests,
      windowMs,
    });
  });

  it.each(["60", "60/m", "60/1", "0/1m", "60/0s", "-1/1m", "1.5/1m", "60/1y", "60/31d", "60/500ms", "x/1m", "60/1m/2"])(
    "but not so: %j",
    (rate) => {
      expect(errorOf({ ...upstash, RAG_RATE_LIMIT: rate })).toBe(
        "RAG_RATE_LIMIT: must be a number of requests and a time in s, m, h or d, such as 10/10s, 60/1m or 1000/1h.",
      );
    },
  );

  it("is to keep answers, for whole seconds", () => {
    expect(readConfig({ ...upstash, RAG_ANSWER_CACHE_SECONDS: "300" }).services.upstash?.answerSeconds).toBe(300);
    expect(readConfig(upstash).services.upstash).toEqual({ url: UPSTASH_REDIS_REST_URL, token: "secret" });
    for (const seconds of ["0", "-1", "1.5", "soon", "2592001"]) {
      expect(errorOf({ ...upstash, RAG_ANSWER_CACHE_SECONDS: seconds })).toMatch(/^RAG_ANSWER_CACHE_SECONDS: /);
    }
  });

  it("cannot be done without it", () => {
    expect(errorOf({ RAG_RATE_LIMIT: "60/1m", RAG_ANSWER_CACHE_SECONDS: "300" })).toBe(
      "UPSTASH_REDIS_REST_URL: must be set with RAG_RATE_LIMIT.\n" +
        "UPSTASH_REDIS_REST_URL: must be set with RAG_ANSWER_CACHE_SECONDS.",
    );
  });
});

describe("readConfig", () => {
  it("needs no setting on a laptop", () => {
    expect(readConfig({})).toEqual({
      dataDir: ".edge-rag",
      services: {},
      telemetry: {
        enabled: true,
        serviceName: "edge-rag",
        resourceAttributes: {},
        traces: "otlp",
        metrics: "otlp",
        endpoint: "http://localhost:4318",
        headers: {},
        timeoutMs: 10_000,
        compression: "none",
        sampler: "parentbased_always_on",
        samplerArg: 1,
        propagators: ["tracecontext", "baggage"],
        retainedBytes: 4_194_304,
        propagateTo: [],
        edge: "internal",
        xray: false,
        captureContent: false,
      },
    });
  });

  it("counts an empty value as not set", () => {
    expect(readConfig({ OTEL_TRACES_SAMPLER: "", OTEL_ENABLED: "", RAG_DATA_DIR: "" })).toEqual(readConfig({}));
  });

  it("reads the standard OpenTelemetry names", () => {
    const { telemetry } = readConfig({
      OTEL_ENABLED: "TRUE",
      OTEL_SERVICE_NAME: "docs",
      OTEL_RESOURCE_ATTRIBUTES: "deployment.environment.name=pr-7,team=a%20b",
      OTEL_TRACES_EXPORTER: "console",
      OTEL_METRICS_EXPORTER: "none",
      OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector.example/otlp",
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://traces.example/v1/traces",
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "https://metrics.example/v1/metrics",
      OTEL_EXPORTER_OTLP_HEADERS: "authorization=Basic%20abc==,x-tenant=1",
      OTEL_EXPORTER_OTLP_TIMEOUT: "500",
      OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
      OTEL_TRACES_SAMPLER: "traceidratio",
      OTEL_TRACES_SAMPLER_ARG: "0.1",
      OTEL_PROPAGATORS: "tracecontext",
      RAG_TELEMETRY_RETAINED_BYTES: "1000000",
      OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: "true",
    });
    expect(telemetry).toEqual({
      enabled: true,
      serviceName: "docs",
      resourceAttributes: { "deployment.environment.name": "pr-7", team: "a b" },
      traces: "console",
      metrics: "none",
      endpoint: "https://collector.example/otlp",
      tracesEndpoint: "https://traces.example/v1/traces",
      metricsEndpoint: "https://metrics.example/v1/metrics",
      headers: { authorization: "Basic abc==", "x-tenant": "1" },
      timeoutMs: 500,
      compression: "gzip",
      sampler: "traceidratio",
      samplerArg: 0.1,
      propagators: ["tracecontext"],
      retainedBytes: 1_000_000,
      propagateTo: [],
      edge: "internal",
      xray: false,
      captureContent: true,
    });
  });

  it("takes none as no propagator", () => {
    expect(readConfig({ OTEL_PROPAGATORS: "none" }).telemetry.propagators).toEqual([]);
  });

  it("reads the hosts that get trace headers, as a list", () => {
    const hosts = "api.openai.com, qdrant.internal:6333,localhost,[::1]:8080,";
    const { propagateTo } = readConfig({ RAG_PROPAGATE_TO: hosts }).telemetry;
    expect(propagateTo).toEqual(["api.openai.com", "qdrant.internal:6333", "localhost", "[::1]:8080"]);
  });

  it.each(["https://api.openai.com", "*.openai.com", "api.openai.com/v1", "a b", ".openai.com", "host:http", "::1"])(
    "refuses %j as a host that gets trace headers",
    (host) => {
      expect(errorOf({ RAG_PROPAGATE_TO: `localhost,${host}` })).toBe(
        "RAG_PROPAGATE_TO: must be host names, with or without a port, separated by commas.",
      );
    },
  );

  it("reads whether callers are trusted with the trace", () => {
    expect(readConfig({ RAG_TRACE_EDGE: "public" }).telemetry.edge).toBe("public");
    expect(errorOf({ RAG_TRACE_EDGE: "open" })).toBe("RAG_TRACE_EDGE: must be one of internal, public.");
  });

  it.each([
    [{ AWS_XRAY_DAEMON_ADDRESS: "127.0.0.1:2000" }, true],
    [{ AWS_XRAY_DAEMON_ADDRESS: "127.0.0.1:2000", POWERTOOLS_TRACE_ENABLED: "true" }, true],
    [{ AWS_XRAY_DAEMON_ADDRESS: "127.0.0.1:2000", POWERTOOLS_TRACE_ENABLED: "false" }, false],
    [{ POWERTOOLS_TRACE_ENABLED: "true" }, false],
  ])("knows from %j whether X-Ray is there: %s", (env, xray) => {
    expect(readConfig(env).telemetry.xray).toBe(xray);
  });

  it("reads X-Ray's header anew for each invocation", () => {
    expect(readXrayTraceHeader({ _X_AMZN_TRACE_ID: "Root=1-a-b" })).toBe("Root=1-a-b");
    expect(readXrayTraceHeader({ _X_AMZN_TRACE_ID: "" })).toBeUndefined();
    expect(readXrayTraceHeader({})).toBeUndefined();
  });

  it("has no complaint about telemetry that is off: that is the way out of a bad setting", () => {
    const wrong = {
      OTEL_TRACES_SAMPLER: "xray",
      OTEL_PROPAGATORS: "xray",
      OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318",
    };
    for (const OTEL_ENABLED of ["false", "FALSE", "0"]) {
      expect(readConfig({ ...wrong, OTEL_ENABLED }).telemetry.enabled).toBe(false);
    }
  });

  it("takes the service's name from the resource attributes when it has none of its own", () => {
    const OTEL_RESOURCE_ATTRIBUTES = "service.name=checkout";
    expect(readConfig({ OTEL_RESOURCE_ATTRIBUTES }).telemetry.serviceName).toBe("checkout");
    expect(readConfig({ OTEL_RESOURCE_ATTRIBUTES, OTEL_SERVICE_NAME: "docs" }).telemetry.serviceName).toBe("docs");
  });

  it("names every wrong setting at once, a line each", () => {
    const message = errorOf({
      OTEL_ENABLED: "maybe",
      OTEL_TRACES_SAMPLER: "sometimes",
      OTEL_TRACES_SAMPLER_ARG: "2",
      OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318",
      OTEL_PROPAGATORS: "b3",
      OTEL_EXPORTER_OTLP_TIMEOUT: "soon",
    });
    const names = message.split("\n").map((line) => line.split(":")[0]);
    expect(names.toSorted()).toEqual([
      "OTEL_ENABLED",
      "OTEL_EXPORTER_OTLP_ENDPOINT",
      "OTEL_EXPORTER_OTLP_TIMEOUT",
      "OTEL_PROPAGATORS",
      "OTEL_TRACES_SAMPLER",
      "OTEL_TRACES_SAMPLER_ARG",
    ]);
    expect(message).toContain('OTEL_ENABLED: must be "true" or "false".');
    expect(message).toContain("OTEL_EXPORTER_OTLP_ENDPOINT: must be an http or https URL.");
  });

  it.each(["authorization", "=x", "a=%"])("refuses %j as headers without repeating it", (headers) => {
    const message = errorOf({ OTEL_EXPORTER_OTLP_HEADERS: headers });
    expect(message).toBe("OTEL_EXPORTER_OTLP_HEADERS: must be key=value pairs separated by commas.");
  });

  it.each(["x=a%0Ab", "bad name=1", "x=%E6%9D%B1"])("refuses the header %j, which could never be sent", (headers) => {
    expect(errorOf({ OTEL_EXPORTER_OTLP_HEADERS: headers })).toBe(
      "OTEL_EXPORTER_OTLP_HEADERS: must be names and values that HTTP allows in headers.",
    );
  });

  it("names every service that is missing on Lambda, unless told to run the laptop's parts", () => {
    const lambda = { AWS_LAMBDA_FUNCTION_NAME: "query", AWS_LAMBDA_RUNTIME_API: "127.0.0.1:9001" };
    const names = errorOf(lambda).split("\n").slice(0, 3);
    expect(names).toEqual(
      ["OPENAI_API_KEY", "QDRANT_URL", "UPSTASH_REDIS_REST_URL"].map((name) => `${name}: must be set on Lambda.`),
    );
    expect(errorOf({ ...lambda, ...SERVICES, QDRANT_URL: "" })).toMatch(
      /^QDRANT_URL: must be set on Lambda\.\n.*set RAG_EMBEDDED=true/,
    );
    expect(readConfig({ ...lambda, ...SERVICES }).lambda).toBeDefined();
    expect(readConfig({ ...lambda, RAG_EMBEDDED: "true" }).lambda).toEqual({
      runtimeApi: "127.0.0.1:9001",
      managedInstances: false,
    });
    const managed = { ...lambda, RAG_EMBEDDED: "1", AWS_LAMBDA_INITIALIZATION_TYPE: "lambda-managed-instances" };
    expect(readConfig(managed).lambda?.managedInstances).toBe(true);
  });

  it("tells what Lambda says of the function, and of the cloud only where there is one", () => {
    const env = {
      AWS_LAMBDA_FUNCTION_NAME: "query",
      AWS_LAMBDA_RUNTIME_API: "127.0.0.1:9001",
      AWS_LAMBDA_FUNCTION_VERSION: "7",
      AWS_LAMBDA_LOG_STREAM_NAME: "2026/11/22/[7]abc",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
      AWS_REGION: "eu-west-1",
      RAG_EMBEDDED: "true",
    };
    const named = { functionName: "query", functionVersion: "7", instance: "2026/11/22/[7]abc", memoryMiB: 512 };
    expect(readConfig(env).telemetry.platform).toEqual({
      ...named,
      provider: "aws",
      name: "aws_lambda",
      region: "eu-west-1",
    });
    expect(readConfig({ ...env, IS_OFFLINE: "true" }).telemetry.platform).toEqual(named);
  });

  it("takes serverless-offline for a laptop", () => {
    expect(readConfig({ AWS_LAMBDA_FUNCTION_NAME: "query", IS_OFFLINE: "true" }).lambda).toBeUndefined();
  });
});
