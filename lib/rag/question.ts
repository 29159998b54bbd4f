import type { SearchFilter } from "./ports.ts";
import type { Message } from "./query-rewriter.ts";

export interface Question {
  question: string;
  /** What was said before it, oldest first; see `createConversation`. */
  history?: readonly Message[];
  /** How the calling program wants the answer to read; see `buildPrompt`. Never changes what is found or cited. */
  instructions?: string;
  /** Maximum number of citations; there are never more than `CANDIDATES`. */
  topK: number;
  filter?: SearchFilter;
  /** Citations with a lower score are dropped; scores are in [0, 1]. */
  minScore?: number;
}
