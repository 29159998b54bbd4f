import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/stack/**/*.test.ts"],
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
    globalSetup: ["test/stack/_setup.ts"],
    // Each file has a stack of its own; two side by side would share the cores and measure each other.
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 300_000,
  },
});
