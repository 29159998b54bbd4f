import { fork } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { NewDocument } from "#rag/ingest.ts";

/** Each has a model of its own. */
const MAX_WORKERS = 4;
const PROGRAM = fileURLToPath(new URL("ingest-process.ts", import.meta.url));
/**
 * V8's threads each keep the memory that compiling the model's WebAssembly takes: with one thread a process is some
 * 100 MB smaller, and no slower.
 */
export const ONE_COMPILER_THREAD = "--v8-pool-size=1";

/** Default number of workers. */
export const WORKERS = Math.min(availableParallelism(), MAX_WORKERS);

/** Result of a document, or why none can be stored. */
type Result = { status: "created" | "updated" | "unchanged" | "failed"; problem?: string } | { error: string };

/**
 * Embeds and stores documents in the embedded store on several cores. Each worker, a process, takes the next document when
 * it has finished one, so a lazy iterable is never in memory as a whole. The memory of the models is free afterwards.
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
    const worker = fork(PROGRAM, [dataDir], { execArgv: [ONE_COMPILER_THREAD] });
    // `once` also rejects on the process's error event.
    const exited = once(worker, "exit").then(([code, signal]) => {
      throw new Error(`an ingest process exited unexpectedly (${signal ?? `code ${code}`})`);
    });
    try {
      for (; !next.done; next = remaining.next()) {
        worker.send(next.value);
        const [result] = (await Promise.race([once(worker, "message"), exited])) as [Result];
        if ("error" in result) throw new Error(result.error);
        const { status, problem } = result;
        if (status === "failed" && onFailed) onFailed(next.value.id, problem ?? "");
        else if (status === "failed") failed ??= `${next.value.id}: ${problem}`;
        else if (status !== "unchanged") changed += 1;
        onDone();
      }
    } finally {
      exited.catch(() => {});
      worker.kill();
    }
  }

  await Promise.all(Array.from({ length: workers }, work));
  if (failed !== undefined) throw new Error(failed);
  return changed;
}
