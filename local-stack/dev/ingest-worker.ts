/** One of several that embed documents side by side: an embedder keeps one core busy. */
import { parentPort, workerData } from "node:worker_threads";
import { createEmbedded } from "#compose/embedded.ts";
import { createIngest, type IngestedDocument, type NewDocument } from "#rag/ingest.ts";

const { dataDir, documents } = workerData as { dataDir: string; documents: NewDocument[] };
const { close, ...ports } = await createEmbedded(dataDir);
const onDone = ({ id, status, error }: IngestedDocument) =>
  parentPort?.postMessage({ id, status, ...(error && { problem: error.message }) });
await createIngest(ports)(documents, { onDone });
close();
