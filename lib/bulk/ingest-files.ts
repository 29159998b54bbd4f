import { UnreadableError } from "#bulk/readers/unreadable.ts";
import { type BatchLimits, batchesOf } from "./batches.ts";
import type { SourceFile } from "./files.ts";
import type { Item } from "./read-document.ts";
import type { ResumeLog } from "./resume-log.ts";
import { type Outcome, type Send, StopError } from "./sender.ts";

export interface IngestFilesOptions {
  read(file: SourceFile): Promise<Item>;
  send: Send;
  /** What an earlier run had accepted, and what this one has. */
  log: ResumeLog;
  limits: BatchLimits;
  /** Requests under way at once. */
  concurrency: number;
  /** Nothing more is begun. */
  stop: AbortSignal;
  /** What is under way is given up. */
  abort: AbortSignal;
  /** Told of each file that is done with. */
  onDone?: () => void;
}

export interface Summary {
  created: number;
  updated: number;
  unchanged: number;
  queued: number;
  /** Accepted by an earlier run, and not sent again. */
  resumed: number;
  /** In the order of their ids. */
  failed: { id: string; reason: string }[];
  /** Files that nothing was done with. */
  left: number;
  /** Why it ended early. */
  stopped?: string;
}

/**
 * Reads files, and sends what is in them, several requests at once, until all are done, `stop` is aborted, or sending more
 * is of no use. A file is read when its turn comes, so that few are in memory at a time.
 */
export async function ingestFiles(files: readonly SourceFile[], options: IngestFilesOptions): Promise<Summary> {
  const { read, send, log, limits, concurrency, stop, abort, onDone = () => {} } = options;
  const summary: Summary = {
    created: 0,
    updated: 0,
    unchanged: 0,
    queued: 0,
    resumed: 0,
    failed: [],
    left: files.length,
  };
  let isOver = false;

  const settle = (outcome: Outcome | { id: string; status: "resumed" }): void => {
    summary.left -= 1;
    if (outcome.status === "failed") summary.failed.push({ id: outcome.id, reason: outcome.reason });
    else summary[outcome.status] += 1;
    onDone();
  };

  async function* items(): AsyncGenerator<Item> {
    for (const file of files) {
      if (isOver || stop.aborted) return;
      try {
        const item = await read(file);
        if (log.has(item)) settle({ id: file.id, status: "resumed" });
        else yield item;
      } catch (error) {
        if (!(error instanceof UnreadableError)) throw error;
        settle({ id: file.id, status: "failed", reason: error.message });
      }
    }
  }

  const batches = batchesOf(items(), limits);
  async function work(): Promise<void> {
    for (let next = await batches.next(); !next.done; next = await batches.next()) {
      // It was read while the others learned that there is no more to be done.
      if (isOver || stop.aborted) return;
      const outcomes = await send(next.value, abort);
      const accepted = new Set(outcomes.flatMap(({ id, status }) => (status === "failed" ? [] : [id])));
      log.add(next.value.filter(({ document }) => accepted.has(document.id)));
      for (const outcome of outcomes) settle(outcome);
    }
  }

  const workers = await Promise.allSettled(
    Array.from({ length: concurrency }, () =>
      work().catch((error: unknown) => {
        isOver = true;
        throw error;
      }),
    ),
  );
  for (const { reason } of workers.filter((worker) => worker.status === "rejected")) {
    if (reason instanceof StopError) summary.stopped ??= reason.message;
    else if (!abort.aborted) throw reason;
  }
  summary.failed.sort((a, b) => (a.id < b.id ? -1 : 1));
  return summary;
}

/** Whether nothing is left that another run could do better: what cannot be read stays so until somebody changes it. */
export function isComplete({ left, stopped }: Summary): boolean {
  return left === 0 && stopped === undefined;
}
