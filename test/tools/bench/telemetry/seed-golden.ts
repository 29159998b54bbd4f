/**
 * Seeds the store in `RAG_DATA_DIR` with the documentation, and its embedding cache with all that the answers to the golden
 * questions embed.
 */
import { join } from "node:path";
import { createEmbeddedChunker, createEmbeddedClients } from "#compose/embedded.ts";
import { composePorts } from "#compose/ports.ts";
import { readConfig } from "#config/env.ts";
import { createAnswer } from "#rag/answer.ts";
import { createIngest } from "#rag/ingest.ts";
import { loadSampleCorpus } from "../../../../local-stack/dev/corpus.ts";
import { loadDataset } from "../../eval/dataset.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const { documents, questions } = await loadDataset(join(ROOT, "test/fixtures/golden"), () => loadSampleCorpus(ROOT));
const clients = await createEmbeddedClients(readConfig().dataDir);
const ports = composePorts(clients);
await createIngest({ ...ports, chunker: createEmbeddedChunker() })(documents);
const answer = createAnswer(ports);
for (const { text: question } of questions) await answer({ question, topK: 5 });
clients.close();
