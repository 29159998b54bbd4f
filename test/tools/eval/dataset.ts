import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import type { NewDocument } from "#rag/ingest.ts";
import type { Judgements } from "./metrics.ts";

export interface Question {
  id: string;
  text: string;
  relevant: Judgements;
  /** Gold answer strings; empty when the data set has none. */
  answers: string[];
  topicId?: number;
}

export interface Dataset {
  documents: NewDocument[];
  /** Those with judgements, unless the data set has none and needs none. */
  questions: Question[];
  /** Questions that the documents do not answer. */
  unanswerable: string[];
}

/** An invalid data set; the message is one line with file and line number. */
export class DatasetError extends Error {
  override readonly name = "DatasetError";
}

const corpusLine = z.object({
  _id: z.string(),
  title: z.optional(z.string()),
  text: z.string(),
  metadata: z.optional(z.looseObject({ topic_id: z.optional(z.int()) })),
});

const queryLine = z.object({
  _id: z.string(),
  text: z.string(),
  metadata: z.optional(
    z.looseObject({
      topic_id: z.optional(z.int()),
      answers: z.optional(z.array(z.string())),
      answerable: z.optional(z.boolean()),
    }),
  ),
});

export interface LoadOptions {
  /** Whether ranking is measured, which needs judgements; otherwise a folder may have no `qrels/`. */
  isJudged?: boolean;
}

/**
 * Reads a folder in BEIR's layout: `corpus.jsonl`, `queries.jsonl`, `qrels/test.tsv` or another file in `qrels/`.
 * Without a corpus.jsonl, the documents are those of `sampleCorpus`. A query whose metadata has `answerable: false` is one
 * that the documents do not answer.
 *
 * @throws DatasetError when a file is missing or a line is invalid.
 */
export async function loadDataset(
  folder: string,
  sampleCorpus: () => Promise<NewDocument[]>,
  { isJudged = true }: LoadOptions = {},
): Promise<Dataset> {
  if (!existsSync(folder)) throw new DatasetError(`${folder}: no such folder`);
  const corpus = join(folder, "corpus.jsonl");
  const documents = existsSync(corpus) ? readCorpus(corpus) : await sampleCorpus();
  const known = documents.length > 0 ? new Set(documents.map(({ id }) => id)) : undefined;
  const judgements = isJudged || existsSync(join(folder, "qrels")) ? readQrels(qrelsFile(folder), known) : undefined;

  const file = join(folder, "queries.jsonl");
  const lines = readJsonLines(file, queryLine);
  const unanswerable = lines.filter(({ metadata }) => metadata?.answerable === false).map(({ text }) => text);
  const questions = lines.flatMap(({ _id: id, text, metadata }): Question[] => {
    const relevant = judgements ? judgements.get(id) : new Map<string, number>();
    judgements?.delete(id);
    const topicId = metadata?.topic_id;
    if (!relevant || metadata?.answerable === false) return [];
    return [{ id, text, relevant, answers: metadata?.answers ?? [], ...(topicId !== undefined && { topicId }) }];
  });
  const [unknown] = judgements?.keys() ?? [];
  if (unknown !== undefined) throw new DatasetError(`${file}: no query "${unknown}", which has judgements in qrels/`);
  return { documents, questions, unanswerable };
}

function readCorpus(file: string): NewDocument[] {
  return readJsonLines(file, corpusLine).map(({ _id: id, title, text, metadata }) => ({
    id,
    text,
    ...(title && { title }),
    ...(metadata?.topic_id !== undefined && { topicIds: [metadata.topic_id] }),
  }));
}

export function readJsonLines<T>(file: string, schema: z.ZodMiniType<T>): T[] {
  return readLines(file).map(({ line, at }) => {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (cause) {
      throw new DatasetError(`${at}: not JSON`, { cause });
    }
    const { data, error } = schema.safeParse(value);
    if (error) throw new DatasetError(`${at}: ${error.issues[0]?.path.join(".") || "line"} is missing or invalid`);
    return data;
  });
}

/** query id → document id → relevance. @param known the documents, if they are known */
function readQrels(file: string, known?: ReadonlySet<string>): Map<string, Map<string, number>> {
  const judgements = new Map<string, Map<string, number>>();
  for (const [index, { line, at }] of readLines(file).entries()) {
    const [query = "", document = "", score = ""] = line.split("\t");
    const relevance = Number.parseInt(score, 10);
    if (index === 0 && Number.isNaN(relevance)) continue; // the header
    if (Number.isNaN(relevance)) throw new DatasetError(`${at}: not "query-id<TAB>corpus-id<TAB>score"`);
    if (known?.has(document) === false) throw new DatasetError(`${at}: no document "${document}" in the corpus`);
    judgements.set(query, (judgements.get(query) ?? new Map<string, number>()).set(document, relevance));
  }
  return judgements;
}

function qrelsFile(folder: string): string {
  const qrels = join(folder, "qrels");
  const files = existsSync(qrels) ? readdirSync(qrels).filter((name) => name.endsWith(".tsv")) : [];
  const name = files.includes("test.tsv") ? "test.tsv" : files.sort()[0];
  if (!name) throw new DatasetError(`${qrels}: no .tsv file`);
  return join(qrels, name);
}

function readLines(file: string): { line: string; at: string }[] {
  if (!existsSync(file)) throw new DatasetError(`${file}: no such file`);
  return readFileSync(file, "utf8")
    .split(/\r?\n/)
    .map((line, index) => ({ line, at: `${file}:${index + 1}` }))
    .filter(({ line }) => line.trim() !== "");
}
