/**
 * Seeds a store per size in `RAG_DATA_DIR`, with synthetic texts and vectors, and its caches with the golden questions
 * and the headings of their answers, so that no environment loads the embedding model.
 */
import { join } from "node:path";
import { createEmbeddedClients } from "#compose/embedded.ts";
import { composePorts } from "#compose/ports.ts";
import { readConfig } from "#config/env.ts";
import { countTokens } from "#providers/lexical/token-counter.ts";
import { createAnswer } from "#rag/answer.ts";
import { createChunker } from "#rag/chunk.ts";
import { createIngest } from "#rag/ingest.ts";
import { loadCorpus } from "../scale/corpus.ts";
import { syntheticDocuments, syntheticEmbedder } from "../scale/synthetic-corpus.ts";
import { CHUNKS } from "./sizes.ts";

const { documents, questions } = await loadCorpus();
for (const size of CHUNKS) {
  const clients = await createEmbeddedClients(join(readConfig().dataDir, String(size)));
  const ports = composePorts(clients);
  const embedder = syntheticEmbedder(1, clients.embedder);
  const ingest = createIngest({ ...ports, chunker: createChunker({ countTokens }), embedder });
  let chunks = 0;
  for (const document of syntheticDocuments(documents)) {
    const [done] = (await ingest([document])).documents;
    if (done?.error) throw done.error;
    chunks += done?.chunks ?? 0;
    if (chunks >= size) break;
  }
  const answer = createAnswer(ports);
  for (const { text } of questions) await answer({ question: text, topK: 5 });
  clients.close();
}
