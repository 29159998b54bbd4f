import type { Parts } from "#compose/parts.ts";
import { ingestPipeline } from "#compose/pipelines.ts";
import type { App } from "#http/context.ts";
import { addDocumentRoutes } from "#http/routes/documents.ts";
import { addEmbedRoutes } from "#http/routes/embed.ts";

/** Adds the routes that change and read documents. */
export async function addIngestRoutes(app: App, parts: Parts): Promise<void> {
  const pipeline = await ingestPipeline(parts); // chunk → embed → upsert (#rag/ingest.ts)
  const { store } = await parts.ports();
  addEmbedRoutes(app, pipeline, store); // POST: validate → pipeline → respond; DELETE: store → respond
  addDocumentRoutes(app, store); // GET: store → respond
}
