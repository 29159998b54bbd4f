import type { QdrantClient } from "@qdrant/js-client-rest";
import { pointAlias } from "#providers/qdrant/alias.ts";
import { attempt } from "#providers/qdrant/client.ts";
import { createCollection } from "#providers/qdrant/collection.ts";
import { QdrantError } from "#providers/qdrant/error.ts";
import type { Embedder } from "#rag/ports.ts";
import { withModel } from "#rag/version.ts";
import { documentsOf, orphanedDocumentsOf } from "./compare.ts";
import { type CopiedDocument, copyDocuments } from "./copy.ts";
import { type PlanOptions, planReindex, type ReindexPlan } from "./plan.ts";

/** Passes after the first have little to do, unless documents keep changing. */
const MAX_PASSES = 10;

export interface ReindexOptions extends PlanOptions {
  embedder: Embedder;
  /** Only reports what would be done. */
  dryRun?: boolean;
  /** Called after each batch of documents or chunks. */
  onProgress?: (progress: ReindexProgress) => void;
  /** Milliseconds since 1970. */
  now?: () => number;
}

export interface ReindexProgress {
  /** From 1. */
  pass: number;
  /** Documents checked in this pass. */
  documents: number;
  /** Chunks embedded in all passes. */
  embedded: number;
  tokens: number;
}

export interface ReindexResult extends ReindexPlan {
  /** Size of the new index; in a dry run, of the source. */
  documents: number;
  chunks: number;
  /** Chunks that were embedded; in a dry run, the maximum that would be. */
  embedded: number;
  tokens: number;
  /** Ids of documents that changed while the alias was switched; they must be sent again. */
  late: string[];
}

/**
 * Builds a new collection for the embedder's model from the chunks of the alias's current collection, then switches the
 * alias atomically. Until then nothing changes for readers. After an interruption it resumes where it stopped: chunks in
 * the new collection are not embedded again. Passes over all documents are repeated until one finds no changes.
 *
 * @throws QdrantError when there is no source, when counts do not match, or when documents change too fast
 */
export async function reindex(options: ReindexOptions): Promise<ReindexResult> {
  const { client, alias, embedder, dryRun = false, onProgress } = options;
  const plan = await planReindex(options);
  const { source, target } = plan;
  const done: ReindexResult = { ...plan, documents: 0, chunks: 0, embedded: 0, tokens: 0, late: [] };
  const versionFor = (version: string) => withModel(version, embedder);
  if (target === undefined || dryRun) {
    for await (const { all, stale } of documentsOf(client, source, plan.resumed ? target : undefined, versionFor)) {
      done.documents += all.length;
      done.chunks += chunksOf(all);
      if (target !== undefined) done.embedded += chunksOf(stale);
    }
    return done;
  }

  await createCollection(client, target, embedder);
  let partialBefore = new Map<string, string>();
  let changed = -1;
  for (let pass = 1; changed !== 0; pass++) {
    if (pass > MAX_PASSES) throw stillChanging(target);
    changed = await runPass(pass, target);
  }
  await checkCount(client, target, done);
  await pointAlias(client, alias, target);
  for await (const { stale } of documentsOf(client, source, target, versionFor)) {
    for (const { documentId } of stale) done.late.push(documentId);
  }
  for await (const orphaned of orphanedDocumentsOf(client, source, target)) {
    for (const documentId of orphaned) done.late.push(documentId);
  }
  return done;

  /** Returns the number of documents copied or removed. */
  async function runPass(pass: number, target: string): Promise<number> {
    let changed = 0;
    const partial: CopiedDocument[] = [];
    Object.assign(done, { documents: 0, chunks: 0 });
    const report = () =>
      onProgress?.({ pass, documents: done.documents, embedded: done.embedded, tokens: done.tokens });
    const onEmbedded = ({ chunks, tokens }: { chunks: number; tokens: number }) => {
      done.embedded += chunks;
      done.tokens += tokens;
      report();
    };
    const copy = { client, source, target, embedder, onEmbedded, ...(options.now && { now: options.now }) };
    for await (const { all, stale } of documentsOf(client, source, target, versionFor)) {
      const copied = await copyDocuments(
        copy,
        stale.map(({ id }) => id),
      );
      partial.push(...copied.filter(({ chunks, found }) => found !== chunks));
      changed += stale.length;
      done.documents += all.length;
      done.chunks += chunksOf(all);
      report();
    }
    for await (const orphaned of orphanedDocumentsOf(client, source, target)) {
      const filter = { must: [{ key: "document_id", match: { any: orphaned } }] };
      await attempt(`deleting from the Qdrant collection "${target}"`, client.delete(target, { filter, wait: true }));
      changed += orphaned.length;
    }
    // A document that was merely being replaced has another version in the next pass.
    const damaged = partial.filter(({ documentId, current }) => partialBefore.get(documentId) === current);
    if (damaged.length > 0) throw incompleteDocuments(source, damaged);
    partialBefore = new Map(partial.map(({ documentId, current }) => [documentId, current]));
    return changed;
  }
}

async function checkCount(
  client: QdrantClient,
  target: string,
  { documents, chunks }: { documents: number; chunks: number },
): Promise<void> {
  const { count } = await attempt(
    `counting in the Qdrant collection "${target}"`,
    client.count(target, { exact: true }),
  );
  if (count === documents + chunks) return;
  throw new QdrantError(
    `the new Qdrant collection "${target}" has ${count} points; expected ${documents + chunks}, for ${documents} ` +
      `documents with ${chunks} chunks. The alias was not switched: delete that collection and run npm run reindex again`,
  );
}

function stillChanging(target: string): QdrantError {
  return new QdrantError(
    `documents are still changing after ${MAX_PASSES} passes. The alias was not switched: stop the ingestion and run ` +
      `npm run reindex again; it resumes with what is in "${target}"`,
  );
}

function incompleteDocuments(source: string, documents: readonly CopiedDocument[]): QdrantError {
  const named = documents.slice(0, 5).map(({ documentId, found, chunks }) => `"${documentId}" (${found} of ${chunks})`);
  return new QdrantError(
    `${documents.length} documents in the Qdrant collection "${source}" lack chunks: ${named.join(", ")}. ` +
      "The alias was not switched: send these documents again or delete them, then run npm run reindex again",
  );
}

function chunksOf(manifests: readonly { chunks: number }[]): number {
  return manifests.reduce((sum, { chunks }) => sum + chunks, 0);
}
