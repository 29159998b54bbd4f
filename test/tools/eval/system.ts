import type { NewDocument } from "#rag/ingest.ts";

export type Stage = "embedding" | "vector_search" | "rerank" | "llm_generation" | "total" | "client";

export interface Response {
  answer: string;
  /** False when the documents do not answer the question, and the answer says so. */
  answered: boolean;
  /** The distinct documents of the citations, best first. */
  documentIds: string[];
  /** Number of the citations. */
  citations: number;
  /** Whether the question's embedding was cached. */
  cached: boolean;
  /** Milliseconds; `client` is measured by the client of a server. */
  timings: Partial<Record<Stage, number>>;
}

/** The system under evaluation: the pipeline in this process, or a server. */
export interface System {
  /** Ingests documents and calls `onDone` with the size of each completed batch. @returns the number of chunks */
  ingest(documents: readonly NewDocument[], onDone: (documents: number) => void): Promise<number>;
  ask(question: string, topK: number, topicIds?: readonly number[]): Promise<Response>;
  /** Document ids ranked by BM25 alone, if the system supports it. */
  bm25?(question: string, topK: number): Promise<string[]>;
  close(): void;
}

export function distinct(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}
