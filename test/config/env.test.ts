import { describe, expect, it } from "vitest";
import { readConfig, readXrayTraceHeader } from "#config/env.ts";
import { errorOf } from "./_error-of.ts";

const SERVICES = {
  OPENAI_API_KEY: "sk-secret",
  QDRANT_URL: "https://qdrant.example:6333",
  UPSTASH_REDIS_REST_URL: "https://redis.example",
  UPSTASH_REDIS_REST_TOKEN: "secret",
};

describe("services", () => {
  it("are configured by their address or key", () => {
    expect(readConfig(SERVICES).services).toEqual({
      embedding: { apiKey: "sk-secret", model: "text-embedding-3-small", dimensions: 1536 },
      chat: { apiKey: "sk-secret", model: "gpt-6-luna" },
      qdrant: { url: "https://qdrant.example:6333", collection: "edge-rag" },
      upstash: { url: "https://redis.example", token: "secret" },
    });
    expect(
      readConfig({ QDRANT_URL: SERVICES.QDRANT_URL, QDRANT_API_KEY: "key", QDRANT_COLLECTION: "docs" }),
    ).toMatchObject({
      services: { qdrant: { url: SERVICES.QDRANT_URL, apiKey: "key", collection: "docs" } },
    });
  });

  it("include a reranker, with an optional key and model", () => {
    const RERANK_URL = "https://api.cohere.com/v2/rerank";
    expect(readConfig({ RERANK_URL, RERANK_API_KEY: "key", RERANK_MODEL: "rerank-v3.5" }).services).toEqual({
      rerank: { url: RERANK_URL, apiKey: "key", model: "rerank-v3.5" },
    });
    expect(readConfig({ RERANK_URL, RERANK_API_KEY: "", RERANK_MODEL: "" }).services).toEqual({
      rerank: { url: RERANK_URL },
    });
  });

  it("have settings of the chat model", () => {
    const chat = {
      OPENAI_API_KEY: "k",
      OPENAI_REASONING_EFFORT: "low",
      OPENAI_MAX_OUTPUT: "500",
      OPENAI_TEMPERATURE: "0.5",
      OPENAI_PRICES: "my/chat:9b=0.1/0.5, nomic=0.02,alias=openai/gpt-6-luna",
    };
    expect(readConfig(chat).services).toMatchObject({
      chat: { reasoningEffort: "low", maxTokens: 500, temperature: 0.5 },
      prices: new Map<string, object>([
        ["my/chat:9b", { input: 0.1, output: 0.5 }],
        ["nomic", { embedding: 0.02 }],
        ["alias", { as: "openai/gpt-6-luna" }],
      ]),
    });
  });

  it.each([
    ["OPENAI_REASONING_EFFORT", "lots", "must be one of none, minimal, low, medium, high, xhigh, max"],
    ["OPENAI_MAX_OUTPUT", "0", "must be a whole number from 16 to 128000"],
    ["OPENAI_TEMPERATURE", "2.5", "must be a number from 0 to 2"],
    ...["gpt", "=1", "a=", "a=1/2/3", "a=-1", "a=1,b", "a=1=2", "a=1e9/1", '{"a":1}'].map((text) => [
      ...["OPENAI_PRICES", text],
      "must be comma-separated MODEL=INPUT/OUTPUT",
    ]),
  ])("are rejected with what is expected: %s=%s", (name = "", value, message = "") => {
    expect(() => readConfig({ OPENAI_API_KEY: "k", [name]: value })).toThrow(`${name}: ${message}`);
  });

  it("are not both a server and a folder for the model that embeds", () => {
    const message = /^RAG_LOCAL_MODEL: must not be set when a server embeds/;
    expect(errorOf({ OPENAI_API_KEY: "k", RAG_LOCAL_MODEL: "models/e5" })).toMatch(message);
    const onlyAnswers = { OPENAI_CHAT_API_KEY: "k", OPENAI_CHAT_BASE_URL: "http://localhost:1/v1" };
    expect(readConfig({ ...onlyAnswers, RAG_LOCAL_MODEL: "models/e5" }).services).toMatchObject({
      localModel: "models/e5",
      chat: { apiKey: "k" },
    });
  });

  it("need no key for a self-hosted model server, but the vector size of its model", () => {
    const ollama = { OPENAI_BASE_URL: "http://localhost:11434/v1", OPENAI_EMBEDDING_MODEL: "nomic-embed-text" };
    expect(errorOf(ollama)).toBe(
      "OPENAI_EMBEDDING_DIMENSIONS: must be set to the vector size of OPENAI_EMBEDDING_MODEL.",
    );
    for (const size of ["0", "-1", "1.5", "many", "16385"]) {
      expect(errorOf({ ...ollama, OPENAI_EMBEDDING_DIMENSIONS: size })).toBe(
        "OPENAI_EMBEDDING_DIMENSIONS: must be a whole number from 1 to 16384.",
      );
    }
    expect(
      readConfig({ ...ollama, OPENAI_EMBEDDING_DIMENSIONS: "768", OPENAI_CHAT_MODEL: "llama3.2" }).services,
    ).toEqual({
      embedding: { baseURL: "http://localhost:11434/v1", model: "nomic-embed-text", dimensions: 768 },
      chat: { baseURL: "http://localhost:11434/v1", model: "llama3.2" },
    });
  });

  it.each([
    [
      { UPSTASH_REDIS_REST_URL: "https://redis.example" },
      "UPSTASH_REDIS_REST_TOKEN: must be set when UPSTASH_REDIS_REST_URL is set.",
    ],
    [
      { UPSTASH_REDIS_REST_TOKEN: "secret" },
      "UPSTASH_REDIS_REST_URL: must be set when UPSTASH_REDIS_REST_TOKEN is set.",
    ],
    [{ QDRANT_API_KEY: "secret" }, "QDRANT_URL: must be set when QDRANT_API_KEY is set."],
    [{ RERANK_API_KEY: "secret" }, "RERANK_URL: must be set when RERANK_API_KEY is set."],
    [
      { RERANK_API_KEY: "secret", RERANK_MODEL: "m" },
      "RERANK_URL: must be set when RERANK_API_KEY is set.\nRERANK_URL: must be set when RERANK_MODEL is set.",
    ],
    [{ RERANK_URL: "api.cohere.com", RERANK_MODEL: "m" }, "RERANK_URL: must be an http or https URL."],
    [{ OPENAI_BASE_URL: "localhost" }, "OPENAI_BASE_URL: must be an http or https URL."],
  ])("that are incomplete or invalid are reported, without quoting a secret", (env, message) => {
    expect(errorOf(env)).toBe(message);
  });
});

describe("with Upstash Redis", () => {
  const { UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN } = SERVICES;
  const upstash = { UPSTASH_REDIS_REST_URL, UPSTASH_REDIS_REST_TOKEN };

  it.each([
    ["60/1m", 60, 60_000],
    ["1000/1h", 1000, 3_600_000],
    ["10/10s", 10, 10_000],
    ["1/30d", 1, 2_592_000_000],
    [" 5 / 2 m ", 5, 120_000],
  ])("RAG_RATE_LIMIT accepts %j", (rate, requests, windowMs) => {
    expect(readConfig({ ...upstash, RAG_RATE_LIMIT: rate }).services.upstash?.rateLimit).toEqual({
      requests,
      windowMs,
    });
  });

  it.each(["60", "60/m", "60/1", "0/1m", "60/0s", "-1/1m", "1.5/1m", "60/1y", "60/31d", "60/500ms", "x/1m", "60/1m/2"])(
    "RAG_RATE_LIMIT rejects %j",
    (rate) => {
      expect(errorOf({ ...upstash, RAG_RATE_LIMIT: rate })).toBe(
        "RAG_RATE_LIMIT: must be REQUESTS/WINDOW, with a window from 1s to 30d, such as 10/10s, 60/1m or 1000/1h.",
      );
    },
  );

  it("RAG_ANSWER_CACHE_SECONDS accepts whole seconds up to 30 days", () => {
    const both = { ...upstash, QDRANT_URL: SERVICES.QDRANT_URL };
    expect(readConfig({ ...both, RAG_ANSWER_CACHE_SECONDS: "300" }).services.upstash?.answerSeconds).toBe(300);
    expect(readConfig(upstash).services.upstash).toEqual({ url: UPSTASH_REDIS_REST_URL, token: "secret" });
    for (const seconds of ["0", "-1", "1.5", "soon", "2592001"]) {
      expect(errorOf({ ...both, RAG_ANSWER_CACHE_SECONDS: seconds })).toBe(
        "RAG_ANSWER_CACHE_SECONDS: must be a whole number from 1 to 2592000.",
      );
    }
  });

  it("rate limit and answer cache require it, and the answer cache requires Qdrant", () => {
    expect(errorOf({ RAG_RATE_LIMIT: "60/1m", RAG_ANSWER_CACHE_SECONDS: "300" })).toBe(
      "UPSTASH_REDIS_REST_URL: must be set when RAG_RATE_LIMIT is set.\n" +
        "UPSTASH_REDIS_REST_URL: must be set when RAG_ANSWER_CACHE_SECONDS is set.\n" +
        "QDRANT_URL: must be set when RAG_ANSWER_CACHE_SECONDS is set.",
    );
  });
});

describe("readConfig", () => {
  it("needs no setting on a laptop", () => {
    expect(readConfig({})).toEqual({
      dataDir: ".edge-rag",
      services: {},
      access: { keys: [], corsOrigins: [] },
      chat: { sources: "none" },
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
        otlpExporter: "built-in",
        sampler: "parentbased_always_on",
        samplerArg: 1,
        propagators: ["tracecontext", "baggage"],
        retainedBytes: 4_194_304,
        groundedness: { sample: 1, budgetMs: 50 },
        propagateTo: [],
        edge: "internal",
        xray: false,
        captureContent: false,
      },
    });
  });

  it("counts an empty value as unset", () => {
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
      RAG_GROUNDEDNESS_SAMPLE: "0.25",
      RAG_GROUNDEDNESS_BUDGET_MS: "20",
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
      otlpExporter: "built-in",
      sampler: "traceidratio",
      samplerArg: 0.1,
      propagators: ["tracecontext"],
      retainedBytes: 1_000_000,
      groundedness: { sample: 0.25, budgetMs: 20 },
      propagateTo: [],
      edge: "internal",
      xray: false,
      captureContent: true,
    });
  });

  it("reads none as no propagator", () => {
    expect(readConfig({ OTEL_PROPAGATORS: "none" }).telemetry.propagators).toEqual([]);
  });

  it("reads RAG_PROPAGATE_TO as a list of hosts", () => {
    const hosts = "api.openai.com, qdrant.internal:6333,localhost,[::1]:8080,";
    const { propagateTo } = readConfig({ RAG_PROPAGATE_TO: hosts }).telemetry;
    expect(propagateTo).toEqual(["api.openai.com", "qdrant.internal:6333", "localhost", "[::1]:8080"]);
  });

  it.each(["https://api.openai.com", "*.openai.com", "api.openai.com/v1", "a b", ".openai.com", "host:http", "::1"])(
    "rejects %j in RAG_PROPAGATE_TO",
    (host) => {
      expect(errorOf({ RAG_PROPAGATE_TO: `localhost,${host}` })).toBe(
        "RAG_PROPAGATE_TO: must be comma-separated host names, with optional ports, such as api.openai.com or localhost:6333.",
      );
    },
  );

  it("reads RAG_TRACE_EDGE, whether to continue the traces of callers", () => {
    expect(readConfig({ RAG_TRACE_EDGE: "public" }).telemetry.edge).toBe("public");
    expect(errorOf({ RAG_TRACE_EDGE: "open" })).toBe("RAG_TRACE_EDGE: must be one of internal, public.");
  });

  it.each([
    [{ AWS_XRAY_DAEMON_ADDRESS: "127.0.0.1:2000" }, true],
    [{ AWS_XRAY_DAEMON_ADDRESS: "127.0.0.1:2000", POWERTOOLS_TRACE_ENABLED: "true" }, true],
    [{ AWS_XRAY_DAEMON_ADDRESS: "127.0.0.1:2000", POWERTOOLS_TRACE_ENABLED: "false" }, false],
    [{ POWERTOOLS_TRACE_ENABLED: "true" }, false],
  ])("detects X-Ray from %j: %s", (env, xray) => {
    expect(readConfig(env).telemetry.xray).toBe(xray);
  });

  it("reads the X-Ray trace header; empty counts as unset", () => {
    expect(readXrayTraceHeader({ _X_AMZN_TRACE_ID: "Root=1-a-b" })).toBe("Root=1-a-b");
    expect(readXrayTraceHeader({ _X_AMZN_TRACE_ID: "" })).toBeUndefined();
    expect(readXrayTraceHeader({})).toBeUndefined();
  });

  it("does not validate OTEL_* settings when telemetry is off, so that turning it off always works", () => {
    const invalid = {
      OTEL_TRACES_SAMPLER: "xray",
      OTEL_PROPAGATORS: "xray",
      OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318",
    };
    for (const OTEL_ENABLED of ["false", "FALSE", "0"]) {
      expect(readConfig({ ...invalid, OTEL_ENABLED }).telemetry.enabled).toBe(false);
    }
  });

  it("falls back to service.name of the resource attributes for the service name", () => {
    const OTEL_RESOURCE_ATTRIBUTES = "service.name=checkout";
    expect(readConfig({ OTEL_RESOURCE_ATTRIBUTES }).telemetry.serviceName).toBe("checkout");
    expect(readConfig({ OTEL_RESOURCE_ATTRIBUTES, OTEL_SERVICE_NAME: "docs" }).telemetry.serviceName).toBe("docs");
  });

  it("reports every invalid setting, one per line", () => {
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
    expect(message).toContain("OTEL_EXPORTER_OTLP_TIMEOUT: must be a number from 1 to 600000.");
    expect(message).toContain("OTEL_TRACES_SAMPLER_ARG: must be a number from 0 to 1.");
  });

  it.each(["authorization", "=x", "a=%"])("rejects the headers %j without quoting them", (headers) => {
    const message = errorOf({ OTEL_EXPORTER_OTLP_HEADERS: headers });
    expect(message).toBe(
      "OTEL_EXPORTER_OTLP_HEADERS: must be comma-separated key=value pairs with percent-encoded values.",
    );
  });

  it.each(["x=a%0Ab", "bad name=1", "x=%E6%9D%B1"])("rejects the header %j, which HTTP does not allow", (headers) => {
    expect(errorOf({ OTEL_EXPORTER_OTLP_HEADERS: headers })).toBe(
      "OTEL_EXPORTER_OTLP_HEADERS: must be valid HTTP header names and values.",
    );
  });

  it("requires every service on Lambda, unless RAG_EMBEDDED is true", () => {
    const onLambda = { AWS_LAMBDA_FUNCTION_NAME: "query", AWS_LAMBDA_RUNTIME_API: "127.0.0.1:9001" };
    const lambda = { ...onLambda, RAG_PUBLIC: "true" };
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

  it("reads the platform from Lambda's variables, without the cloud for serverless-offline", () => {
    const env = {
      AWS_LAMBDA_FUNCTION_NAME: "query",
      AWS_LAMBDA_RUNTIME_API: "127.0.0.1:9001",
      AWS_LAMBDA_FUNCTION_VERSION: "7",
      AWS_LAMBDA_LOG_STREAM_NAME: "2026/11/22/[7]abc",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
      AWS_REGION: "eu-west-1",
      RAG_EMBEDDED: "true",
      RAG_PUBLIC: "true",
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

  it("treats serverless-offline as a laptop", () => {
    expect(readConfig({ AWS_LAMBDA_FUNCTION_NAME: "query", IS_OFFLINE: "true" }).lambda).toBeUndefined();
  });
});
