import { existsSync } from "node:fs";
import { join } from "node:path";
import { countTokens } from "#providers/lexical/token-counter.ts";
import { createChunker } from "#rag/chunk.ts";
import { loadSampleCorpus } from "../../../../local-stack/dev/corpus.ts";
import { loadDataset } from "../dataset.ts";
import type { Passage } from "./cases.ts";

/** Of XQuAD, in BEIR's layout. */
export function xquadFolder(root: string): string | undefined {
  const folder = join(root, "../shared/datasets/xquad-en");
  return existsSync(folder) ? folder : undefined;
}

/** The passages of XQuAD; a topic is an article. */
export async function xquadPassages(folder: string): Promise<Passage[]> {
  const { documents, questions } = await loadDataset(folder, async () => []);
  return documents.map(({ id, title = "", text, topicIds = [] }) => ({
    title,
    text,
    topic: String(topicIds[0]),
    questions: questions.flatMap((question) =>
      question.relevant.has(id) && question.answers[0] !== undefined
        ? [{ text: question.text, answer: question.answers[0] }]
        : [],
    ),
  }));
}

/** The chunks of the project's pages for users; a topic is a page. */
export async function pagePassages(root: string): Promise<Passage[]> {
  const chunker = createChunker({ countTokens });
  const pages = await loadSampleCorpus(root);
  return pages.flatMap(({ id, title = id, text }) =>
    Array.from(chunker.chunk(text, title), (chunk) => ({ title, text: chunk.text, topic: id, questions: [] })),
  );
}
