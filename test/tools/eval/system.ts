import type { Source } from "#quality/groundedness.ts";
import type { NewDocument } from "#rag/ingest.ts";
import type { Message } from "#rag/query-rewriter.ts";

export type Stage = "embedding" | "vector_search" | "rerank" | "llm_generation" | "total" | "client";

export interface Response {
  answer: string;
  /** The question that was answered, where it is not the one that was asked. */
  rewritten?: string;
  /** False when the documents do not answer the question, and the answer says so. */
  answered: boolean;
  /** The distinct documents of the citations, best first. */
  documentIds: string[];
  /** The chunks that it cites, or may. */
  sources: Source[];
  /** Whether the question's embedding was cached. */
  cached: boolean;
  /** Milliseconds; `client` is measured by the client of a server. */
  timings: Partial<Record<Stage, number>>;
}

/** The system under evaluation: the pipeline in this process, or a server. */
export interface System {
  /** Ingests documents and calls `onDone` with the size of each completed batch. @returns the number of chunks */
  ingest(documents: readonly NewDocument[], onDone: (documents: number) => void): Promise<number>;
  /** @param history what was said before the question */
  ask(question: string, topK: number, topicIds?: readonly number[], history?: readonly Message[]): Promise<Response>;
  /** Document ids ranked by BM25 alone, if the system supports it. */
  bm25?(question: string, topK: number): Promise<string[]>;
  close(): void;
}

export function distinct(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}
