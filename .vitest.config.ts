import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Whoever runs the tests may have keys in the shell: no test sends anything to a service. Empty is not set.
    env: {
      OPENAI_API_KEY: "",
      OPENAI_BASE_URL: "",
      QDRANT_URL: "",
      QDRANT_API_KEY: "",
      UPSTASH_REDIS_REST_URL: "",
      UPSTASH_REDIS_REST_TOKEN: "",
      RAG_API_KEYS: "",
      RAG_PUBLIC: "",
      RAG_CORS_ORIGINS: "",
      RAG_RATE_LIMIT: "",
      RAG_ANSWER_CACHE_SECONDS: "",
      RERANK_URL: "",
      RERANK_API_KEY: "",
      RERANK_MODEL: "",
    },
    exclude: ["**/node_modules/**", "test/stack/**", "test/contract/**"],
    testTimeout: 30_000,
    maxWorkers: "100%",
    coverage: {
      provider: "v8",
      include: ["lib/**/*.ts"],
      exclude: ["lib/rag/ports.ts"],
      thresholds: { lines: 90, functions: 90, statements: 90, branches: 90 },
    },
  },
});
