/** One of several that embed documents side by side: an embedder keeps one core busy. */
import { parentPort, workerData } from "node:worker_threads";
import { createParts } from "#compose/parts.ts";
import { readConfig } from "#config/env.ts";
import type { IngestedDocument, NewDocument } from "#rag/ingest.ts";

const { dataDir, documents } = workerData as { dataDir: string; documents: NewDocument[] };
const config = readConfig();
const parts = await createParts({ ...config, dataDir, telemetry: { ...config.telemetry, enabled: false } });
const ingest = await parts.ingest();
const onDone = ({ id, status, error }: IngestedDocument) =>
  parentPort?.postMessage({ id, status, ...(error && { problem: error.message }) });
// Where callers have keys, the sample corpus is the first one's.
const [owner] = config.access.keys;
await ingest(documents, { onDone, ...(owner && { tenant: owner.tenant }) });
process.exit();
