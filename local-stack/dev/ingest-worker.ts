/** One of several that embed documents side by side: an embedder keeps one core busy. Answers each document it is sent. */
import { parentPort, workerData } from "node:worker_threads";
import { createParts } from "#compose/parts.ts";
import { readConfig } from "#config/env.ts";
import type { NewDocument } from "#rag/ingest.ts";

const { dataDir } = workerData as { dataDir: string };
const config = readConfig();
const parts = await createParts({ ...config, dataDir, telemetry: { ...config.telemetry, enabled: false } });
const ingest = await parts.ingestPipeline();
// Where callers have keys, the sample corpus is the first one's.
const [owner] = config.access.keys;

async function store(document: NewDocument): Promise<void> {
  const { documents } = await ingest([document], owner && { tenant: owner.tenant });
  for (const { status, error } of documents) parentPort?.postMessage({ status, problem: error?.message });
}

parentPort?.on("message", (document: NewDocument) => void store(document));
