import type { NewDocument } from "#rag/ingest.ts";
import type { Dataset } from "../dataset.ts";

/** A document, and a question that it alone answers, if it has one; the question's text is not in it. */
export interface Pair {
  document: NewDocument;
  question?: string;
}

const MAX_PAIRS = 400;
export const MAX_LENGTH = 3_000;
const MIN_LENGTH = 200;
const MIN_WORDS = 4;

/** The first pairs whose documents and questions are distinct, long enough, and do not contain each other. */
export function toDataset(pairs: Iterable<Pair>): Dataset {
  const kept = new Map<string, Pair>();
  const seen = new Set<string>();
  for (const pair of pairs) {
    const { document, question } = pair;
    const text = document.text.trim();
    if (text.length < MIN_LENGTH || text.length > MAX_LENGTH || seen.has(text)) continue;
    if (question !== undefined) {
      const isQuestion = question.split(" ").length >= MIN_WORDS && !plain(text).includes(plain(question));
      if (!isQuestion || seen.has(question)) continue;
      seen.add(question);
    }
    seen.add(text);
    if (kept.size < MAX_PAIRS) kept.set(document.id, pair);
  }
  const all = [...kept.values()];
  return {
    documents: all.map(({ document }) => document),
    questions: all.flatMap(({ document: { id }, question: text }) =>
      text === undefined ? [] : [{ id, text, relevant: new Map([[id, 1]]), answers: [] }],
    ),
    unanswerable: [],
  };
}

export function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
}
