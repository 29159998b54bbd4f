import { basename } from "node:path";
import type { NewDocument } from "#rag/ingest.ts";
import { loadDocumentation, loadSampleCorpus } from "../../../local-stack/dev/corpus.ts";
import { loadManuals } from "./collections/manuals.ts";

/**
 * The documents of a data set that has no corpus.jsonl: the project's pages for users, which are the sample corpus; for
 * questions about decisions and benchmarks all of its documentation; for questions about manuals those.
 */
export function loadPages(root: string, dataset: string): Promise<NewDocument[]> {
  if (basename(dataset).includes("manuals")) return loadManuals(root);
  return basename(dataset) === "golden-decisions" ? loadDocumentation(root) : loadSampleCorpus(root);
}
