import type { SearchFilter } from "./ports.ts";
import type { Message } from "./query-rewriter.ts";

export interface Question {
  question: string;
  /** What was said before it, oldest first; see `createConversation`. */
  history?: readonly Message[];
  /** What the caller asks for beside the question, as the system messages of a chat; the rules of the prompt go before it. */
  instructions?: string;
  /** Maximum number of citations; there are never more than `CANDIDATES`. */
  topK: number;
  filter?: SearchFilter;
  /** Citations with a lower score are dropped; scores are in [0, 1]. */
  minScore?: number;
}
