/**
 * Clears service settings that the developer's shell may export, so that no test calls a real service or is refused for
 * lack of an API key. An empty value counts as unset.
 */
export const WITHOUT_SERVICES = {
  OPENAI_API_KEY: "",
  OPENAI_BASE_URL: "",
  OPENAI_CHAT_API_KEY: "",
  OPENAI_CHAT_BASE_URL: "",
  OPENAI_EMBEDDING_API_KEY: "",
  OPENAI_EMBEDDING_BASE_URL: "",
  QDRANT_URL: "",
  QDRANT_API_KEY: "",
  UPSTASH_REDIS_REST_URL: "",
  UPSTASH_REDIS_REST_TOKEN: "",
  RAG_API_KEYS: "",
  RAG_PUBLIC: "",
  RAG_CORS_ORIGINS: "",
  RAG_RATE_LIMIT: "",
  RAG_ANSWER_CACHE_SECONDS: "",
  RAG_FEEDBACK_SECRET: "",
  RAG_FEEDBACK_SECONDS: "",
  RERANK_URL: "",
  RERANK_API_KEY: "",
  RERANK_MODEL: "",
};
