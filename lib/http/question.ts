import type { SearchFilter } from "#rag/ports.ts";
import type { Question } from "#rag/question.ts";
import type { Caller } from "./context.ts";
import { readableTopics } from "./middleware/auth.ts";
import type { QueryRequest } from "./schemas.ts";
import { wellFormed } from "./well-formed.ts";

/** A question as the pipelines take it, within the topics that the caller may read. */
export function toQuestion(request: Omit<QueryRequest, "stream">, caller: Caller | undefined): Question {
  const { question, messages = [], top_k, topic_ids, filter, min_score } = request;
  const topicIds = readableTopics(topic_ids, caller);
  const searchFilter: SearchFilter = {
    ...(topicIds && { topicIds }),
    ...(filter && {
      metadata: Object.fromEntries(
        Object.entries(filter).map(([key, value]) => [key, Array.isArray(value) ? value : [value]]),
      ),
    }),
  };
  return {
    question: wellFormed(question ?? messages.at(-1)?.content ?? ""),
    ...(messages.length > 1 && {
      history: messages.slice(0, -1).map(({ role, content }) => ({ role, content: wellFormed(content) })),
    }),
    topK: top_k,
    ...((topicIds || filter) && { filter: searchFilter }),
    ...(min_score !== undefined && { minScore: min_score }),
  };
}
