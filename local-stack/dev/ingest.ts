import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { NewDocument } from "#rag/ingest.ts";

/** Each worker adds 200 MB for its model and heap. */
const MAX_WORKERS = 4;

/** Default number of workers. */
export const WORKERS = Math.min(availableParallelism(), MAX_WORKERS);

/** Result of a document. */
interface Result {
  status: "created" | "updated" | "unchanged" | "failed";
  problem?: string;
}

/**
 * Embeds and stores documents in the embedded store on several cores. Each worker takes the next document when it has
 * finished one, so a lazy iterable is never in memory as a whole.
 *
 * @param onDone Called after each document.
 * @param onFailed Called with each document that failed, and why.
 * @returns the number of new or changed documents
 * @throws Error when the store cannot be opened or, after all others are stored and without `onFailed`, about the first
 *   document that failed
 */
export async function ingestDocuments(
  dataDir: string,
  documents: Iterable<NewDocument>,
  onDone: () => void,
  workers = WORKERS,
  onFailed?: (id: string, problem: string) => void,
): Promise<number> {
  const remaining = documents[Symbol.iterator]();
  let changed = 0;
  let failed: string | undefined;

  async function work(): Promise<void> {
    let next = remaining.next();
    if (next.done) return;
    const worker = new Worker(new URL("ingest-worker.ts", import.meta.url), { workerData: { dataDir } });
    // `once` also rejects on the worker's error event.
    const exited = once(worker, "exit").then(() => Promise.reject(new Error("an ingest worker exited unexpectedly")));
    try {
      for (; !next.done; next = remaining.next()) {
        worker.postMessage(next.value);
        const [{ status, problem }] = (await Promise.race([once(worker, "message"), exited])) as [Result];
        if (status === "failed" && onFailed) onFailed(next.value.id, problem ?? "");
        else if (status === "failed") failed ??= `${next.value.id}: ${problem}`;
        else if (status !== "unchanged") changed += 1;
        onDone();
      }
    } finally {
      exited.catch(() => {});
      await worker.terminate();
    }
  }

  await Promise.all(Array.from({ length: workers }, work));
  if (failed !== undefined) throw new Error(failed);
  return changed;
}
