/**
 * Whoever runs the tests may have keys in the shell: no test sends anything to a service, or is refused for want of a key.
 * Empty is not set.
 */
export const WITHOUT_SERVICES = {
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
};
