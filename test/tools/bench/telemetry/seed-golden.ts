/** Seeds the store in `RAG_DATA_DIR` with the documentation, and its embedding cache with the golden questions. */
import { join } from "node:path";
import { createEmbeddedChunker, createEmbeddedClients } from "#compose/embedded.ts";
import { composePorts } from "#compose/ports.ts";
import { readConfig } from "#config/env.ts";
import { createIngest } from "#rag/ingest.ts";
import { loadSampleCorpus } from "../../../../local-stack/dev/corpus.ts";
import { loadDataset } from "../../eval/dataset.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const { documents, questions } = await loadDataset(join(ROOT, "test/fixtures/golden"), () => loadSampleCorpus(ROOT));
const clients = await createEmbeddedClients(readConfig().dataDir);
const ports = composePorts(clients);
await createIngest({ ...ports, chunker: createEmbeddedChunker() })(documents);
for (const { text } of questions) await ports.embedder.embed([text]);
clients.close();
