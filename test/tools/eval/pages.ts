import { basename } from "node:path";
import type { NewDocument } from "#rag/ingest.ts";
import { loadDocumentation, loadSampleCorpus } from "../../../local-stack/dev/corpus.ts";

/**
 * The documents of a data set that has no corpus.jsonl: the project's pages for users, which are the sample corpus; for
 * questions about decisions and benchmarks all of its documentation.
 */
export function loadPages(root: string, dataset: string): Promise<NewDocument[]> {
  return basename(dataset) === "golden-decisions" ? loadDocumentation(root) : loadSampleCorpus(root);
}
