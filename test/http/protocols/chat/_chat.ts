import { addChatRoutes, type ChatOptions } from "#http/protocols/chat/routes.ts";
import type { Answer, AnswerQuestion } from "#rag/answer.ts";
import type { Citation } from "#rag/ports.ts";
import type { Question } from "#rag/question.ts";
import { post, testApp } from "../../_app.ts";

export const CITATION: Citation = {
  ...{ index: 1, chunkId: "c-1", documentId: "d-1", title: "Bees", url: "https://x.example/b", heading: "" },
  ...{ text: "Bees dance.", score: 0.9 },
};
export const SHOWN = {
  ...{ index: 1, document_id: "d-1", chunk_id: "c-1", title: "Bees", url: "https://x.example/b" },
  ...{ score: 0.9, text: "Bees dance." },
};
export const ANSWER: Answer = {
  ...{ text: "They dance. [1]", finishReason: "stop", answered: true, citations: [CITATION] },
  usage: { promptTokens: 10, completionTokens: 4 },
  timingsMs: { embedding: 1, vector_search: 2, rerank: 3, llm_generation: 4, total: 10 },
  ...{ cache: { embedding: false }, degraded: [], model: "m" },
};
export const REQUEST = { model: "edge-rag", messages: [{ role: "user", content: "How do bees dance?" }] };

/** Emits the pieces of the text, word by word. */
export const inWords =
  (answer: Answer = ANSWER): AnswerQuestion =>
  async (_, call) => {
    call?.onCitations?.(answer.citations, answer.degraded);
    for (const word of answer.text.match(/\s*\S+/g) ?? []) call?.onDelta?.(word);
    return answer;
  };

/** An app whose pipeline records the questions. */
export function chatApp(answer: AnswerQuestion = inWords(), options: ChatOptions = {}) {
  const questions: Question[] = [];
  const { app, seen } = testApp();
  addChatRoutes(
    app,
    (question, call) => {
      questions.push(question);
      return answer(question, call);
    },
    { now: () => 1_790_000_000_999, ...options },
  );
  return {
    ...{ app, seen, questions },
    ask: (body: object, headers = {}) => post(app, "/v1/chat/completions", { ...REQUEST, ...body }, headers),
  };
}

/** The `data` of the events; those of JSON parsed. */
// biome-ignore lint/suspicious/noExplicitAny: the shape of a chunk is what a test is about
export async function dataOf(response: Response): Promise<any[]> {
  const events = (await response.text()).split("\n\n").slice(0, -1);
  return events.map((event) => {
    const data = event.replace(/^data: /, "");
    return data.startsWith("{") ? JSON.parse(data) : data;
  });
}
