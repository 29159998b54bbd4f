import { progress } from "#bulk/progress.ts";
import { announceReading } from "#compose/sample-corpus.ts";
import type { Config } from "#config/env.ts";
import type { NewDocument } from "#rag/ingest.ts";
import { ingestDocuments, WORKERS } from "./ingest.ts";
import { addRecordedVectors } from "./sample-vectors.ts";

/** Failed documents that are named; the rest is counted. */
const MAX_NAMED = 5;
const LINE_EVERY_MS = 5_000;

export interface SampleCorpusOptions {
  print?: (line: string) => void;
  /** Called at the start and after each document, with the number of those that are done. */
  onProgress?: (done: number) => void;
}

/**
 * Ingests the sample corpus and says how far it is, also to the functions, which answer no question until it is done. A
 * document that fails is named and does not stop the others.
 *
 * @throws Error when no document could be stored: then it is not one document, but the settings
 */
export async function ingestSampleCorpus(
  { access, dataDir, services }: Pick<Config, "access" | "dataDir" | "services">,
  documents: readonly NewDocument[],
  { print = console.log, onProgress = () => {} }: SampleCorpusOptions = {},
): Promise<void> {
  const { qdrant, embedding, localModel, upstash } = services;
  const target = qdrant ? `the Qdrant collection ${qdrant.collection}` : dataDir;
  const bar = progress("Reading the sample corpus", documents.length);
  const report = everyFiveSeconds((done) =>
    print(`Reading the sample corpus: ${done} of ${documents.length} documents.`),
  );
  const announced = announceReading(dataDir, documents.length);
  const failures: string[] = [];
  let done = 0;
  onProgress(done);
  const onDone = () => {
    done += 1;
    onProgress(done);
    bar.advance();
    report();
    announced.advance();
  };
  // A model on this machine does not get faster by more requests at once.
  const workers = embedding && isLoopback(embedding.baseURL) ? 1 : WORKERS;
  const onFailed = (id: string, problem: string) => void failures.push(`${id}: ${problem}`);
  if (!embedding && !localModel && !upstash) await addRecordedVectors(dataDir, documents, access.keys[0]?.tenant);
  const added = await ingestDocuments(dataDir, documents, onDone, workers, onFailed).finally(announced.end);
  bar.end();

  if (failures.length === 0) {
    return print(
      added > 0
        ? `Sample corpus: ${added} of ${documents.length} documents embedded and stored in ${target}.`
        : `Sample corpus: all ${documents.length} documents are already in ${target}, nothing to embed.`,
    );
  }
  if (failures.length === documents.length) {
    throw new Error(`no document of the sample corpus could be stored; the first was ${failures[0]}`);
  }
  for (const failure of failures.slice(0, MAX_NAMED)) print(`Sample corpus: not stored: ${failure}`);
  const stored = documents.length - failures.length;
  print(
    `Sample corpus: ${stored} of ${documents.length} documents are in ${target}, ${failures.length} could not be stored. ` +
      "The next start tries them again.",
  );
}

function isLoopback(url = ""): boolean {
  return /^https?:\/\/(?:localhost|127\.[\d.]+|\[::1\])(?::|\/|$)/.test(url);
}

/** Reports at most every five seconds, where there is no terminal for a progress bar. */
function everyFiveSeconds(report: (calls: number) => void): () => void {
  let calls = 0;
  let last = Date.now();
  return () => {
    calls += 1;
    if (process.stderr.isTTY || Date.now() - last < LINE_EVERY_MS) return;
    last = Date.now();
    report(calls);
  };
}
