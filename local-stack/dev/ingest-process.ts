/**
 * A process that embeds the documents it is sent; one per core, since an embedder keeps a core busy. Sends a result for
 * each document, and an error when the store cannot be opened.
 */
import { createParts } from "#compose/parts.ts";
import { ingestPipeline } from "#compose/pipelines.ts";
import { readConfig } from "#config/env.ts";
import type { IngestDocuments, NewDocument } from "#rag/ingest.ts";

const [dataDir = ""] = process.argv.slice(2);
// Whoever started this process has ended, or needs it no longer.
process.on("disconnect", () => process.exit());
try {
  const config = readConfig();
  const parts = await createParts({ ...config, dataDir, telemetry: { ...config.telemetry, enabled: false } });
  const ingest = await ingestPipeline(parts);
  // With API keys, the sample corpus belongs to the first key's tenant.
  const tenant = config.access.keys[0]?.tenant;
  process.on("message", (document: NewDocument) => void store(ingest, document, tenant));
} catch (error) {
  process.send?.({ error: error instanceof Error ? error.message : String(error) });
}

async function store(ingest: IngestDocuments, document: NewDocument, tenant: string | undefined): Promise<void> {
  const { documents } = await ingest([document], tenant === undefined ? {} : { tenant });
  for (const { status, error } of documents) process.send?.({ status, problem: error?.message });
}
