/** A process that ingests with the real embedder, as `npm run dev` does, and reports its speed and memory. */
import { countTokens } from "#providers/lexical/token-counter.ts";
import { createChunker } from "#rag/chunk.ts";
import { ingestDocuments } from "../../../../local-stack/dev/ingest.ts";
import { loadCorpus } from "./corpus.ts";
import type { IngestSettings, RealIngest } from "./messages.ts";
import { syntheticDocuments } from "./synthetic-corpus.ts";

const { dataset, dataDir, documents: count, workers }: IngestSettings = JSON.parse(process.argv[2] ?? "");
const real = (await loadCorpus(dataset)).documents;
const { chunk } = createChunker({ countTokens });
const before = process.memoryUsage().rss;
let chunks = 0;

function* documents() {
  for (const document of syntheticDocuments(real)) {
    if (Number(document.id.split("-")[1]) >= count) return;
    chunks += [...chunk(document.text)].length;
    yield document;
  }
}

const started = performance.now();
await ingestDocuments(dataDir, documents(), () => {}, workers);
const seconds = (performance.now() - started) / 1_000;
const memory = { before, peak: process.resourceUsage().maxRSS * 1_024 };
process.send?.({ chunks, seconds, memory, workers } satisfies RealIngest);
process.disconnect?.();
