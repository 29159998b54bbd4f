import type { NewDocument } from "#rag/ingest.ts";

export type Stage = "embedding" | "vector_search" | "rerank" | "llm_generation" | "total" | "client";

export interface Response {
  answer: string;
  /** The documents of the citations, best first, each once. */
  documentIds: string[];
  /** The question's embedding came from a cache. */
  cached: boolean;
  /** Milliseconds; `client` is measured outside a server. */
  timings: Partial<Record<Stage, number>>;
}

/** What is evaluated: the pipeline in this process, or a server. */
export interface System {
  /** Stores documents; tells how many each time some are done. The number of chunks stored. */
  ingest(documents: readonly NewDocument[], onDone: (documents: number) => void): Promise<number>;
  ask(question: string, topK: number, topicIds?: readonly number[]): Promise<Response>;
  /** Document ids ranked by BM25 alone, where the system can tell. */
  bm25?(question: string, topK: number): Promise<string[]>;
  close(): void;
}

export function distinct(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}
