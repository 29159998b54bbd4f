/**
 * `_writer.ts PATH REVISION DOCUMENTS [ROUNDS]`, as a process or a worker thread: ingests every document at that
 * revision, then at the next, and checks after each one that the stored document is complete, whoever wrote it. A
 * process writes a line per document.
 */
import { writeSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
import { openSqliteDatabase } from "#providers/sqlite/database.ts";
import { createSqliteStore } from "#providers/sqlite/store.ts";
import { createIngest, type NewDocument } from "#rag/ingest.ts";
import type { Chunker, VectorStore } from "#rag/ports.ts";
import { hashEmbedder } from "../_hash-embedder.ts";

export const paragraphs: Chunker = {
  settings: "paragraphs",
  chunk: (text) => text.split("\n\n").map((part) => ({ text: part, heading: "" })),
};

/** Number of chunks of the document at that revision; every number from 2 to 9 occurs. */
export const chunksOf = (document: number, revision: number) => 2 + ((document * 7 + revision * 5) % 8);

export function documentAt(document: number, revision: number): NewDocument {
  const count = chunksOf(document, revision);
  const part = (index: number) => `revision ${revision} of document ${document}: part ${index} of ${count}`;
  return {
    id: `document-${document}`,
    text: Array.from({ length: count }, (_, index) => part(index)).join("\n\n"),
    topicIds: [revision],
    metadata: { document, revision },
  };
}

/** Parses the text of a chunk. */
export function parsePart(text: string): { revision: number; document: number; index: number; count: number } {
  const [revision = -1, document = -1, index = -1, count = -1] = (text.match(/\d+/g) ?? []).map(Number);
  return { revision, document, index, count };
}

async function write(path: string, firstRevision: number, documents: number, rounds: number): Promise<void> {
  const database = await openSqliteDatabase({ path, model: hashEmbedder.model, dimensions: hashEmbedder.dimensions });
  const store = createSqliteStore(database);
  const ingest = createIngest({ chunker: paragraphs, embedder: hashEmbedder, store });
  for (let step = 0; step < documents * rounds; step++) {
    const document = step % documents;
    const revision = firstRevision + Math.floor(step / documents);
    const [done] = (await ingest([documentAt(document, revision)])).documents;
    if (done?.status === "failed") throw done.error;
    if (isMainThread) writeSync(1, `${document}\n`);
    await expectComplete(store, document);
  }
  database.close();
}

async function expectComplete(store: VectorStore, document: number): Promise<void> {
  const vector = new Float32Array(hashEmbedder.dimensions).fill(1);
  const hits = await store.search({ text: "part", vector, limit: 50, filter: { metadata: { document: [document] } } });
  const parts = hits.map(({ text }) => parsePart(text));
  const [first] = parts;
  const isComplete = parts.length === first?.count && parts.every(({ revision }) => revision === first.revision);
  if (!isComplete) throw new Error(`incomplete document: ${JSON.stringify(parts)}`);
}

const [, script, path, revision, documents, rounds = "1"] = process.argv;
if (script?.endsWith("_writer.ts") && path) await write(path, Number(revision), Number(documents), Number(rounds));
