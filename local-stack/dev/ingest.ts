import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { NewDocument } from "#rag/ingest.ts";

/** Each worker loads the model, 100 MB of it. */
const MOST_WORKERS = 4;

/** What became of a document. */
interface Done {
  id: string;
  status: "created" | "updated" | "unchanged" | "failed";
  problem?: string;
}

/**
 * Embeds and stores documents in the embedded store, on several cores.
 *
 * @param onDone told of each document as it is done
 * @returns how many were new or changed
 * @throws Error when the store cannot be opened, or with the first document that failed
 */
export async function ingestDocuments(
  dataDir: string,
  documents: readonly NewDocument[],
  onDone: () => void,
  workers = Math.min(availableParallelism(), MOST_WORKERS),
): Promise<number> {
  const done: Done[] = [];
  const work = sharesOf(documents, workers).map(async (share) => {
    const worker = new Worker(new URL("ingest-worker.ts", import.meta.url), {
      workerData: { dataDir, documents: share },
    });
    worker.on("message", (document: Done) => {
      done.push(document);
      onDone();
    });
    // An error of the worker rejects.
    await once(worker, "exit");
  });
  await Promise.all(work);
  const failed = done.find(({ status }) => status === "failed");
  if (failed) throw new Error(`${failed.id}: ${failed.problem}`);
  return done.filter(({ status }) => status !== "unchanged").length;
}

/** Shares of about the same length of text: the longest document goes to whoever has least so far. */
export function sharesOf(documents: readonly NewDocument[], workers: number): NewDocument[][] {
  const shares = Array.from({ length: workers }, () => ({ length: 0, documents: [] as NewDocument[] }));
  for (const document of documents.toSorted((a, b) => b.text.length - a.text.length)) {
    const least = shares.reduce((a, b) => (b.length < a.length ? b : a));
    least.documents.push(document);
    least.length += document.text.length;
  }
  return shares.map(({ documents }) => documents).filter(({ length }) => length > 0);
}
