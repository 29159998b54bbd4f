import { describe, expect, it } from "vitest";
import { readDeployedConfig } from "#config/deployed.ts";
import { readConfig } from "#config/env.ts";
import { readWorkerConfig } from "#config/worker.ts";
import { LEXICAL_RERANKER } from "#providers/lexical/reranker.ts";
import { errorOf } from "./_error-of.ts";

const CHAT = { OPENAI_CHAT_BASE_URL: "http://127.0.0.1:11434/v1", OPENAI_CHAT_MODEL: "llama3.2" };
const RERANK = { RERANK_URL: "http://127.0.0.1:8080", RERANK_MODEL: "bge" };
const SAMPLED = { ...CHAT, RAG_SHADOW_SAMPLE: "0.05" };
const SAME =
  "RAG_SHADOW_SAMPLE: must be 0 unless RAG_SHADOW_MODEL or RAG_SHADOW_RERANKER is another one, or RAG_SHADOW_TOP_K not 5.";

describe("the shadow", () => {
  it("is off by default, also with a model of its own", () => {
    expect(readConfig(CHAT)).not.toHaveProperty("shadow");
    expect(readConfig({ ...CHAT, RAG_SHADOW_MODEL: "m" })).not.toHaveProperty("shadow");
  });

  it("is what answers, but for what is set", () => {
    expect(readConfig({ ...SAMPLED, RAG_SHADOW_TOP_K: "10" }).shadow).toEqual({
      ...{ sample: 0.05, model: "llama3.2", topK: 10, timeoutMs: 20_000 },
    });
    const own = {
      ...{ RAG_SHADOW_MODEL: "qwen3", RAG_SHADOW_RERANKER: LEXICAL_RERANKER },
      ...{ RAG_SHADOW_TIMEOUT_MS: "3000", RAG_SHADOW_USD_PER_HOUR: "0.5" },
    };
    expect(readConfig({ ...SAMPLED, ...RERANK, ...own }).shadow).toEqual({
      ...{ sample: 0.05, model: "qwen3", reranker: LEXICAL_RERANKER, timeoutMs: 3_000, usdPerHour: 0.5 },
    });
  });

  it.each<[string, Record<string, string>]>([
    ["nothing", {}],
    ["the same model", { RAG_SHADOW_MODEL: "llama3.2" }],
    ["the default of top_k", { RAG_SHADOW_TOP_K: "5" }],
    ["the built-in reranker without another", { RAG_SHADOW_RERANKER: LEXICAL_RERANKER }],
    ["the same reranker", { ...RERANK, RAG_SHADOW_RERANKER: "bge" }],
  ])("is refused with %s set", (_, settings) => {
    expect(errorOf({ ...SAMPLED, ...settings })).toBe(SAME);
  });

  it("has no reranker of its own when that is the one that reranks", () => {
    const own = { RAG_SHADOW_MODEL: "qwen3", RAG_SHADOW_RERANKER: "bge" };
    expect(readConfig({ ...SAMPLED, ...RERANK, ...own }).shadow).not.toHaveProperty("reranker");
  });

  it("takes a model of the reranker's server, which must be set", () => {
    const own = { RAG_SHADOW_RERANKER: "bge-large" };
    expect(readConfig({ ...SAMPLED, ...RERANK, ...own }).shadow).toMatchObject({ reranker: "bge-large" });
    expect(errorOf({ ...SAMPLED, ...own })).toBe("RAG_SHADOW_RERANKER: must be lexical-rerank without RERANK_URL.");
  });

  it("needs a chat model", () => {
    expect(errorOf({ RAG_SHADOW_SAMPLE: "0.1", RAG_SHADOW_TOP_K: "10" })).toBe(
      "RAG_SHADOW_SAMPLE: must be 0 without a chat model, which answers again: set OPENAI_API_KEY or OPENAI_CHAT_BASE_URL.",
    );
  });

  it.each([
    ["RAG_SHADOW_SAMPLE", "1.1"],
    ["RAG_SHADOW_TOP_K", "51"],
    ["RAG_SHADOW_TOP_K", "0"],
    ["RAG_SHADOW_TIMEOUT_MS", "5"],
    ["RAG_SHADOW_USD_PER_HOUR", "-1"],
  ])("refuses %s=%s", (name, value) => {
    expect(errorOf({ ...CHAT, [name]: value })).toMatch(new RegExp(`^${name}: must be a (whole )?number from`));
  });

  it("is off with telemetry off, whatever is set", () => {
    for (const chat of [CHAT, {}]) {
      expect(readConfig({ ...chat, RAG_SHADOW_SAMPLE: "1", OTEL_ENABLED: "false" })).not.toHaveProperty("shadow");
    }
  });

  it("is part of a package for Lambda", () => {
    const env = {
      ...{ OPENAI_API_KEY: "k", QDRANT_URL: "https://q.example", UPSTASH_REDIS_REST_URL: "https://r.example" },
      ...{ UPSTASH_REDIS_REST_TOKEN: "t", RAG_PUBLIC: "true", RAG_SHADOW_SAMPLE: "0.1", RAG_SHADOW_TOP_K: "10" },
    };
    expect(readDeployedConfig(env).shadow).toMatchObject({ sample: 0.1, topK: 10 });
  });

  it("is refused in a worker", () => {
    expect(errorOf({ ...SAMPLED, RAG_SHADOW_TOP_K: "10" }, readWorkerConfig)).toContain(
      "RAG_SHADOW_SAMPLE: is not supported in a worker: unset it.",
    );
  });
});
