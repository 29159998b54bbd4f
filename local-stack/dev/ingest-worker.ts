/**
 * A worker that embeds documents; one per core, since an embedder keeps a core busy. Posts a result for each document.
 */
import { parentPort, workerData } from "node:worker_threads";
import { createParts } from "#compose/parts.ts";
import { readConfig } from "#config/env.ts";
import type { NewDocument } from "#rag/ingest.ts";

const { dataDir } = workerData as { dataDir: string };
const config = readConfig();
const parts = await createParts({ ...config, dataDir, telemetry: { ...config.telemetry, enabled: false } });
const ingest = await parts.ingestPipeline();
// With API keys, the sample corpus belongs to the first key's tenant.
const [owner] = config.access.keys;

async function store(document: NewDocument): Promise<void> {
  const { documents } = await ingest([document], owner && { tenant: owner.tenant });
  for (const { status, error } of documents) parentPort?.postMessage({ status, problem: error?.message });
}

parentPort?.on("message", (document: NewDocument) => void store(document));
