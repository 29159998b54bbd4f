/** What a question is searched with. */
export interface AskOptions {
  top_k: number;
  /** Empty: all topics. */
  topic_ids: number[];
}

/** A question that was answered. */
export interface Exchange {
  question: string;
  answer: string;
}

interface Message {
  role: "user" | "assistant";
  content: string;
}

/** The body of `POST /query`. */
export type QuestionBody = ({ question: string } | { messages: Message[] }) & Partial<AskOptions>;

export const MAX_QUESTION_LENGTH = 4_000;
export const DEFAULT_TOP_K = 5;
/** Limits of the API. */
const MAX_MESSAGES = 100;
const MAX_MESSAGE_LENGTH = 20_000;
const MAX_CONVERSATION_LENGTH = 100_000;

/** A first question as it is; one that has others before it with as many of the last ones as the API takes. */
export function questionBody(question: string, past: readonly Exchange[], options: AskOptions): QuestionBody {
  const chosen = {
    ...(options.top_k !== DEFAULT_TOP_K && { top_k: options.top_k }),
    ...(options.topic_ids.length > 0 && { topic_ids: options.topic_ids }),
  };
  const asked: Message = { role: "user", content: question };
  let length = question.length;
  const messages: Message[] = [];
  for (const exchange of past.toReversed()) {
    const answer = exchange.answer.slice(0, MAX_MESSAGE_LENGTH);
    length += exchange.question.length + answer.length;
    if (length > MAX_CONVERSATION_LENGTH || messages.length + 3 > MAX_MESSAGES) break;
    messages.unshift({ role: "user", content: exchange.question }, { role: "assistant", content: answer });
  }
  return messages.length === 0 ? { question, ...chosen } : { messages: [...messages, asked], ...chosen };
}
