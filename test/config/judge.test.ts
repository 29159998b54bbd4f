import { describe, expect, it } from "vitest";
import { readDeployedConfig, readDeployedSettings } from "#config/deployed.ts";
import { readConfig } from "#config/env.ts";
import { readWorkerConfig } from "#config/worker.ts";
import { errorOf } from "./_error-of.ts";

const CHAT = { OPENAI_CHAT_BASE_URL: "http://127.0.0.1:11434/v1", OPENAI_CHAT_MODEL: "llama3.2" };

describe("the judge", () => {
  it("is off by default, also with a model of its own", () => {
    expect(readConfig(CHAT)).not.toHaveProperty("judge");
    expect(readConfig({ ...CHAT, RAG_JUDGE_SAMPLE: "0", RAG_JUDGE_MODEL: "m" })).not.toHaveProperty("judge");
  });

  it("is the chat model, with ten seconds and without a budget, unless it is set otherwise", () => {
    expect(readConfig({ ...CHAT, RAG_JUDGE_SAMPLE: "0.05" }).judge).toEqual({
      ...{ sample: 0.05, model: "llama3.2", timeoutMs: 10_000 },
    });
    const own = { RAG_JUDGE_MODEL: "gpt-6-sol", RAG_JUDGE_TIMEOUT_MS: "3000", RAG_JUDGE_USD_PER_HOUR: "0.5" };
    expect(readConfig({ ...CHAT, RAG_JUDGE_SAMPLE: "1", ...own }).judge).toEqual({
      ...{ sample: 1, model: "gpt-6-sol", timeoutMs: 3_000, usdPerHour: 0.5 },
    });
  });

  it("needs a chat model", () => {
    expect(errorOf({ RAG_JUDGE_SAMPLE: "0.1" })).toBe(
      "RAG_JUDGE_SAMPLE: must be 0 without a chat model, which judges: set OPENAI_API_KEY or OPENAI_CHAT_BASE_URL.",
    );
  });

  it.each([
    ["RAG_JUDGE_SAMPLE", "1.1"],
    ["RAG_JUDGE_TIMEOUT_MS", "5"],
    ["RAG_JUDGE_USD_PER_HOUR", "-1"],
  ])("refuses %s=%s", (name, value) => {
    expect(errorOf({ ...CHAT, [name]: value })).toContain(`${name}: must be a number from`);
  });

  it("is off with telemetry off, which would record its scores: turning that off always works", () => {
    for (const chat of [CHAT, {}]) {
      expect(readConfig({ ...chat, RAG_JUDGE_SAMPLE: "1", OTEL_ENABLED: "false" })).not.toHaveProperty("judge");
    }
  });

  it("is part of a package for Lambda", () => {
    const env = {
      ...{ OPENAI_API_KEY: "k", QDRANT_URL: "https://q.example", UPSTASH_REDIS_REST_URL: "https://r.example" },
      ...{ UPSTASH_REDIS_REST_TOKEN: "t", RAG_PUBLIC: "true", RAG_JUDGE_SAMPLE: "0.1", RAG_JUDGE_USD_PER_HOUR: "2" },
    };
    const deployed = readDeployedSettings(env);
    expect(deployed).toMatchObject({ RAG_JUDGE_SAMPLE: "0.1", RAG_JUDGE_USD_PER_HOUR: "2" });
    expect(readDeployedConfig(env).judge).toMatchObject({ sample: 0.1, usdPerHour: 2 });
  });

  it("is refused in a worker", () => {
    expect(errorOf({ ...CHAT, RAG_JUDGE_SAMPLE: "0.1" }, readWorkerConfig)).toContain(
      "RAG_JUDGE_SAMPLE: is not supported in a worker: unset it.",
    );
  });
});
