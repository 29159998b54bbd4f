import type { QdrantClient } from "@qdrant/js-client-rest";
import { pointAlias } from "#providers/qdrant/alias.ts";
import { ask } from "#providers/qdrant/client.ts";
import { createCollection } from "#providers/qdrant/collection.ts";
import { QdrantError } from "#providers/qdrant/error.ts";
import type { Embedder } from "#rag/ports.ts";
import { withModel } from "#rag/version.ts";
import { documentsOf, goneDocumentsOf } from "./compare.ts";
import { type CopiedDocument, copyDocuments } from "./copy.ts";
import { type PlanOptions, planReindex, type ReindexPlan } from "./plan.ts";

/** A pass after the first has little to do, unless documents change all the time. */
const MAX_PASSES = 10;

export interface ReindexOptions extends PlanOptions {
  embedder: Embedder;
  /** Only says what would be done. */
  dryRun?: boolean;
  onProgress?: (progress: ReindexProgress) => void;
  /** Milliseconds since 1970. */
  now?: () => number;
}

export interface ReindexProgress {
  /** From 1. */
  pass: number;
  /** Looked at in this pass. */
  documents: number;
  /** Embedded in all passes. */
  embedded: number;
  tokens: number;
}

export interface ReindexResult extends ReindexPlan {
  /** Of the index as it is now; in a dry run of the source. */
  documents: number;
  chunks: number;
  /** In a dry run: what would be embedded, at most. */
  embedded: number;
  tokens: number;
  /** Documents that changed while the alias was switched, and are to be sent again. */
  late: string[];
}

/**
 * Builds the collection that the alias is to lead to, for the embedder's model, from the chunks in the one it leads to
 * now, and switches the alias in one call. Until then nothing changes for readers. What an interrupted run left in the
 * new collection is not embedded again. Passes over all documents are repeated until one finds nothing that has changed
 * meanwhile.
 *
 * @throws QdrantError when there is nothing to read, when counts do not agree, or when documents change too fast
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
    if (pass > MAX_PASSES) throw tooFast(target);
    changed = await runPass(pass, target);
  }
  await checkCount(client, target, done);
  await pointAlias(client, alias, target);
  for await (const { stale } of documentsOf(client, source, target, versionFor)) {
    done.late.push(...stale.map(({ documentId }) => documentId));
  }
  for await (const gone of goneDocumentsOf(client, source, target)) done.late.push(...gone);
  return done;

  /** How many documents were copied or removed. */
  async function runPass(pass: number, target: string): Promise<number> {
    let changed = 0;
    const partial: CopiedDocument[] = [];
    Object.assign(done, { documents: 0, chunks: 0 });
    const tell = () => onProgress?.({ pass, documents: done.documents, embedded: done.embedded, tokens: done.tokens });
    const onEmbedded = ({ chunks, tokens }: { chunks: number; tokens: number }) => {
      done.embedded += chunks;
      done.tokens += tokens;
      tell();
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
      tell();
    }
    for await (const gone of goneDocumentsOf(client, source, target)) {
      const filter = { must: [{ key: "document_id", match: { any: gone } }] };
      await ask(`deleting from the Qdrant collection "${target}"`, client.delete(target, { filter, wait: true }));
      changed += gone.length;
    }
    // A document that is only being replaced has another version a pass later.
    const damaged = partial.filter(({ documentId, current }) => partialBefore.get(documentId) === current);
    if (damaged.length > 0) throw incomplete(source, damaged);
    partialBefore = new Map(partial.map(({ documentId, current }) => [documentId, current]));
    return changed;
  }
}

async function checkCount(
  client: QdrantClient,
  target: string,
  { documents, chunks }: { documents: number; chunks: number },
): Promise<void> {
  const { count } = await ask(`counting in the Qdrant collection "${target}"`, client.count(target, { exact: true }));
  if (count === documents + chunks) return;
  throw new QdrantError(
    `the new Qdrant collection "${target}" has ${count} points, and ${documents} documents of ${chunks} chunks make ` +
      `${documents + chunks}: the alias was not switched. Delete that collection and run npm run reindex again`,
  );
}

function tooFast(target: string): QdrantError {
  return new QdrantError(
    `after ${MAX_PASSES} passes documents are still changing: the alias was not switched. Stop the ingestion and run ` +
      `npm run reindex again; what is in "${target}" is kept`,
  );
}

function incomplete(source: string, documents: readonly CopiedDocument[]): QdrantError {
  const named = documents.slice(0, 5).map(({ documentId, found, chunks }) => `"${documentId}" (${found} of ${chunks})`);
  return new QdrantError(
    `${documents.length} documents in the Qdrant collection "${source}" have not all their chunks: ${named.join(", ")}. ` +
      "The alias was not switched. Send them again or delete them, and run npm run reindex again",
  );
}

function chunksOf(manifests: readonly { chunks: number }[]): number {
  return manifests.reduce((sum, { chunks }) => sum + chunks, 0);
}
