/** Colours by series name, or by pattern between slashes, shared by all panels. */
export type Colours = Record<string, string>;

export const GOOD = "green";
export const WATCH = "yellow";
export const WARN = "orange";
export const BAD = "red";
export const NEUTRAL = "blue";
export const FAINT = "text";

export const OUTCOMES: Colours = { answered: GOOD, not_found: WATCH, error: BAD, abandoned: FAINT };

export const QUANTILES: Colours = { p50: GOOD, p95: WARN, p99: BAD };

export const STAGES: Colours = {
  query_rewrite: "green",
  embedding: "blue",
  vector_search: "purple",
  rerank: "orange",
  llm_generation: "yellow",
  validation: "super-light-orange",
  cache: "super-light-blue",
  deadline: "red",
};

/** A service has the colour of the stage that calls it. */
export const DEPENDENCIES: Colours = {
  embedding: "blue",
  vector_store: "purple",
  reranker: "orange",
  chat: "yellow",
  cache: "super-light-blue",
};
