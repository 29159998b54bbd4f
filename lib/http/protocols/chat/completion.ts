import { toResponse } from "#http/answer-response.ts";
import type { ChatResponse } from "#http/schemas/chat-response.ts";
import type { Answer } from "#rag/answer.ts";
import { citedIn } from "#rag/cited.ts";
import { isCut } from "#rag/finish-reason.ts";

/** What every object of a completion begins with. */
export interface Head {
  id: string;
  /** Seconds since 1970. */
  created: number;
  /** As requested. */
  model: string;
}

/** The field with which an answer can be rated, if it can. */
export interface TokenField {
  feedback_token?: string;
}

/** A whole answer as OpenAI's chat completion. */
export function toCompletion(answer: Answer, { id, ...head }: Head, token: TokenField = {}): ChatResponse {
  const { content, extras, usage, finish_reason } = partsOf(answer);
  const message = { role: "assistant" as const, content, refusal: null, ...extras, ...token };
  return {
    id,
    object: "chat.completion",
    ...head,
    choices: [{ index: 0, message, logprobs: null, finish_reason }],
    usage,
  };
}

/** The answer in OpenAI's terms; `extras` are the fields that OpenAI's messages do not have. */
export function partsOf(answer: Answer) {
  const { answer: content, answered, citations, degraded, usage } = toResponse(answer, "");
  return {
    content,
    extras: { citations, answered, degraded },
    usage: { ...usage, total_tokens: usage.prompt_tokens + usage.completion_tokens },
    finish_reason: isCut(answer.finishReason) ? ("length" as const) : ("stop" as const),
  };
}

/**
 * A Markdown list of the sources that the answer cites, to be appended to its text; "" when it cites none. Titles and URLs
 * are those of documents: they cannot become links or images of their own.
 */
export function sourcesOf({ text, citations }: Answer): string {
  const cited = new Set(
    citedIn(
      text,
      citations.map(({ index }) => index),
    ),
  );
  const lines = citations
    .filter(({ index }) => cited.has(index))
    .map(({ index, title, url }) => {
      const plain = title.replace(/\s+/g, " ").replace(/[\\`*[\]<>]/g, "\\$&");
      return `- [${index}] ${plain}${url === undefined ? "" : ` — ${url.replace(/[\\`\s[\]<>]/g, encodeURIComponent)}`}`;
    });
  return lines.length === 0 ? "" : `\n\nSources:\n${lines.join("\n")}`;
}
