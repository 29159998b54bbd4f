import type { Call, Identity } from "./ports.ts";

/** What was said in a conversation before the question. */
export interface Message {
  role: "user" | "assistant";
  content: string;
}

export interface Rewrite {
  /** The question as it can be understood without the conversation; the same text when nothing had to be changed. */
  question: string;
  /** Billed tokens; 0 for a rewriter that runs in this process. */
  promptTokens: number;
  completionTokens: number;
  /** US dollars; absent when the price is not known or nothing was billed. */
  costUsd?: number;
  /** The model that rewrote it, as `gen_ai.response.model`. */
  model: string;
  /** As `gen_ai.response.finish_reasons`; absent when no model was called. */
  finishReason?: string;
}

/** A port of the pipeline: makes a follow-up a question that stands alone, so that documents can be found for it. */
export interface QueryRewriter extends Identity {
  /** @param history oldest first, without the question; not empty, and bounded by `createConversation` */
  rewrite(question: string, history: readonly Message[], call?: Call): Promise<Rewrite>;
}
