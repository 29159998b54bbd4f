import type { SearchFilter } from "./ports.ts";

export interface Question {
  question: string;
  /** Maximum number of citations; there are never more than `CANDIDATES`. */
  topK: number;
  filter?: SearchFilter;
  /** Citations with a lower score are dropped; scores are in [0, 1]. */
  minScore?: number;
}
