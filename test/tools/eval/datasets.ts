import { globSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { NewDocument } from "#rag/ingest.ts";
import { COLLECTIONS } from "./collections/collections.ts";
import { type Dataset, DatasetError, type LoadOptions, loadDataset } from "./dataset.ts";
import { loadPages } from "./pages.ts";

export const ROOT = join(import.meta.dirname, "../../..");
const FIXTURES = join(ROOT, "test/fixtures");

/** Of `--all`. */
export const ALL = [
  "test/fixtures/golden",
  "test/fixtures/newcomer/tuning",
  "test/fixtures/newcomer/held-out",
  "test/fixtures/manuals-tuning",
  "test/fixtures/manuals-held-out",
  ...Object.keys(COLLECTIONS),
];

/** Of `--answers`: the questions that took part in choices, and data sets beside the project. */
export function ofAnswers(): string[] {
  const beside = globSync(join(ROOT, "../shared/datasets/*/queries.jsonl")).sort().map(dirname);
  return [...["golden", "newcomer/tuning"].map((name) => join(FIXTURES, name)), ...beside];
}

/**
 * A folder in BEIR's layout, or the name of a collection.
 *
 * @param isStored whether a server may have the documents: then none are needed
 * @throws DatasetError when a file is missing or invalid
 */
export function load(
  dataset: string,
  { isStored = false, ...options }: LoadOptions & { isStored?: boolean } = {},
): Promise<Dataset> | Dataset {
  const collection = COLLECTIONS[dataset];
  if (collection) return collection(ROOT);
  const folder = resolve(dataset);
  return loadDataset(folder, () => pagesOf(folder, isStored), options);
}

/** Only the project's own data sets are about its pages. */
async function pagesOf(folder: string, isStored: boolean): Promise<NewDocument[]> {
  if (folder.startsWith(FIXTURES)) return loadPages(ROOT, folder);
  if (isStored) return [];
  throw new DatasetError(`${join(folder, "corpus.jsonl")}: no such file, and the questions are not about these pages`);
}

/** At most `limit` of the items, spread evenly. */
export function spread<T>(items: readonly T[], limit: number): T[] {
  const step = Math.max(1, items.length / limit);
  return items.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step));
}
