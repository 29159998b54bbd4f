/** Seeds the store in `RAG_DATA_DIR` and its embedding cache. Its own process, since it loads the embedding model. */
import { createEmbeddedChunker, createEmbeddedClients } from "#compose/embedded.ts";
import { composePorts } from "#compose/ports.ts";
import { readConfig } from "#config/env.ts";
import { createAnswer } from "#rag/answer.ts";
import { createIngest } from "#rag/ingest.ts";
import { DOCUMENTS, QUESTION } from "./events.ts";

const clients = await createEmbeddedClients(readConfig().dataDir);
const ports = composePorts(clients);
await createIngest({ ...ports, chunker: createEmbeddedChunker() })(DOCUMENTS);
const { citations } = await createAnswer(ports)({ question: QUESTION, topK: 5 });
clients.close();
if (citations.length === 0) throw new Error("The seeded store returned no citations.");
