import { join } from "node:path";
import { loadSampleCorpus } from "../../../../local-stack/dev/corpus.ts";
import { type Dataset, loadDataset } from "../../eval/dataset.ts";

const ROOT = join(import.meta.dirname, "../../../..");

/** Loads a data set in BEIR's layout, by default this repository's documentation and its golden questions. */
export async function loadCorpus(folder = join(ROOT, "test/fixtures/golden")): Promise<Dataset> {
  return await loadDataset(folder, () => loadSampleCorpus(ROOT));
}
