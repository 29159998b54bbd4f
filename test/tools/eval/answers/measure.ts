import { lexicon } from "#providers/lexical/lexicon.ts";
import { groundednessOf } from "#quality/groundedness.ts";
import type { Dataset } from "../dataset.ts";
import type { Observer } from "../evaluate.ts";
import type { System } from "../system.ts";
import type { Result } from "./results.ts";

/** Ingests the documents and asks every question once. */
export async function measureAnswers(
  system: System,
  { documents, questions, unanswerable }: Dataset,
  topK: number,
  observer: Observer,
): Promise<Result[]> {
  const ingested = observer.begin("Ingesting documents", documents.length);
  await system.ingest(documents, (count) => {
    for (let i = 0; i < count; i += 1) ingested();
  });
  const asked = [
    ...questions.map(({ text: question, answers: expected }) => ({ question, answerable: true, expected })),
    ...unanswerable.map((question) => ({ question, answerable: false, expected: [] })),
  ];
  const advance = observer.begin("Asking", asked.length);
  const results: Result[] = [];
  for (const each of asked) {
    const { answer, answered, sources } = await system.ask(each.question, topK);
    const groundedness = answered ? groundednessOf(answer, sources, { lexicon })?.score : undefined;
    results.push({ ...each, answered, answer, ...(groundedness !== undefined && { groundedness }) });
    advance();
  }
  return results;
}
