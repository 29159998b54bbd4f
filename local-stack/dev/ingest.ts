import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { NewDocument } from "#rag/ingest.ts";

/** Each worker adds 200 MB: the model, and a heap of its own. */
const MOST_WORKERS = 4;

/** How many work side by side where nobody says otherwise. */
export const WORKERS = Math.min(availableParallelism(), MOST_WORKERS);

/** What became of a document. */
interface Done {
  status: "created" | "updated" | "unchanged" | "failed";
  problem?: string;
}

/**
 * Embeds and stores documents in the embedded store, on several cores. Each worker takes the next document when it is
 * done with one, so documents that are made or read as they are asked for are never in memory all at once.
 *
 * @param onDone told of each document as it is done
 * @returns how many were new or changed
 * @throws Error when the store cannot be opened, or, after all others are stored, with the first document that failed
 */
export async function ingestDocuments(
  dataDir: string,
  documents: Iterable<NewDocument>,
  onDone: () => void,
  workers = WORKERS,
): Promise<number> {
  const left = documents[Symbol.iterator]();
  let changed = 0;
  let failed: string | undefined;

  async function work(): Promise<void> {
    let next = left.next();
    if (next.done) return;
    const worker = new Worker(new URL("ingest-worker.ts", import.meta.url), { workerData: { dataDir } });
    // An error of the worker rejects.
    const ended = once(worker, "exit").then(() => Promise.reject(new Error("a worker of the ingest ended by itself")));
    try {
      for (; !next.done; next = left.next()) {
        worker.postMessage(next.value);
        const [{ status, problem }] = (await Promise.race([once(worker, "message"), ended])) as [Done];
        if (status === "failed") failed ??= `${next.value.id}: ${problem}`;
        else if (status !== "unchanged") changed += 1;
        onDone();
      }
    } finally {
      ended.catch(() => {});
      await worker.terminate();
    }
  }

  await Promise.all(Array.from({ length: workers }, work));
  if (failed !== undefined) throw new Error(failed);
  return changed;
}
