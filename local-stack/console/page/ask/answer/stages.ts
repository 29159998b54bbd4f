import type { Done } from "../turns.ts";

interface Stage {
  name: string;
  /** Of the answer when it was skipped. */
  withoutIt?: string;
}

/** In the order in which they run. */
const STAGES: Readonly<Record<string, Stage>> = {
  query_rewrite: {
    name: "Rewriting",
    withoutIt: "The question could not be rewritten to stand alone, so it was searched for as it was written.",
  },
  cache: { name: "Cache", withoutIt: "The cache did not respond, so everything was computed anew." },
  embedding: {
    name: "Embedding",
    withoutIt: "The question could not be embedded, so passages were found by their words alone, not by their meaning.",
  },
  vector_search: { name: "Search" },
  rerank: {
    name: "Reranking",
    withoutIt: "The passages could not be reranked, so they are in the order of the search.",
  },
  llm_generation: { name: "Answer" },
};

/** As people call it. */
export function stageName(stage: string): string {
  return STAGES[stage]?.name ?? stage;
}

/** What it means for the answer that a stage was skipped. */
export function degradation(stage: string): string {
  return STAGES[stage]?.withoutIt ?? "It failed and was skipped.";
}

export interface Segment {
  name: string;
  ms: number;
}

/** The time of each stage that took any, in order, and the rest of the total. */
export function segmentsOf(timings: Done["timings_ms"]): Segment[] {
  const times: Partial<Record<string, number>> = timings;
  const segments = Object.entries(STAGES).flatMap(([stage, { name }]) => {
    const ms = times[stage];
    return ms === undefined ? [] : [{ name, ms }];
  });
  const rest = timings.total - segments.reduce((sum, { ms }) => sum + ms, 0);
  return rest > 0 ? [...segments, { name: "Other", ms: rest }] : segments;
}
