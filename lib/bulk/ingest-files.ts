import { type BatchLimits, batchesOf } from "./batches.ts";
import type { SourceFile } from "./files.ts";
import { openLeftOutTally } from "./left-out.ts";
import type { Item } from "./read-document.ts";
import type { ResumeLog } from "./resume-log.ts";
import { type Outcome, type Send, StopError } from "./sender.ts";

export interface IngestFilesOptions {
  /**
   * @returns `undefined` for what becomes no document
   * @throws the signal's reason when it is aborted, or a StopError; anything else is why the file cannot be read
   */
  read(file: SourceFile, signal: AbortSignal): Promise<Item | undefined>;
  send: Send;
  /** Documents that were accepted, by an interrupted run and by this one. */
  log: ResumeLog;
  limits: BatchLimits;
  /** Concurrent requests. */
  concurrency: number;
  /** Starts no more requests; those in flight finish. */
  stop: AbortSignal;
  /** Aborts the requests in flight. */
  abort: AbortSignal;
  /** Called when a file is done, successfully or not. */
  onDone?: () => void;
}

export interface Summary {
  created: number;
  updated: number;
  unchanged: number;
  queued: number;
  /** Accepted by an interrupted run, and not sent again. */
  resumed: number;
  /** Sorted by id. */
  failed: { id: string; reason: string }[];
  /** What was left out of the files, in lines. */
  leftOut: string[];
  /** Files that were not processed. */
  left: number;
  /** Why the run ended early. */
  stopped?: string;
}

/**
 * Reads files and sends them in concurrent requests, until all are done, `stop` is aborted, or a sender throws a
 * `StopError`. Files are read just before they are sent, so that only a few are in memory. Reading one may add to them.
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
    leftOut: [],
    left: 0,
  };
  const tally = openLeftOutTally();
  const failure = new AbortController();
  const over = AbortSignal.any([stop, failure.signal]);

  let settled = 0;
  const settle = (outcome: Outcome | { id: string; status: "resumed" | "skipped" }): void => {
    settled += 1;
    if (outcome.status === "failed") summary.failed.push({ id: outcome.id, reason: outcome.reason });
    else if (outcome.status !== "skipped") summary[outcome.status] += 1;
    onDone();
  };

  async function* items(): AsyncGenerator<Item> {
    for (const file of files) {
      if (over.aborted) return;
      try {
        const item = await read(file, over);
        if (item === undefined) {
          settle({ id: file.id, status: "skipped" });
          continue;
        }
        tally.add(item);
        if (log.has(item)) settle({ id: file.id, status: "resumed" });
        else yield item;
      } catch (error) {
        if (over.aborted) return;
        if (error instanceof StopError) throw error;
        settle({ id: file.id, status: "failed", reason: error instanceof Error ? error.message : String(error) });
      }
    }
  }

  const batches = batchesOf(items(), limits);
  async function work(): Promise<void> {
    for (let next = await batches.next(); !next.done; next = await batches.next()) {
      // The run may have ended while this batch was read.
      if (over.aborted) return;
      const outcomes = await send(next.value, abort);
      const accepted = new Set(outcomes.flatMap(({ id, status }) => (status === "failed" ? [] : [id])));
      log.add(next.value.filter(({ document }) => accepted.has(document.id)));
      for (const outcome of outcomes) settle(outcome);
    }
  }

  const workers = await Promise.allSettled(
    Array.from({ length: concurrency }, () =>
      work().catch((error: unknown) => {
        failure.abort();
        throw error;
      }),
    ),
  );
  for (const { reason } of workers.filter((worker) => worker.status === "rejected")) {
    if (reason instanceof StopError) summary.stopped ??= reason.message;
    else if (!abort.aborted) throw reason;
  }
  summary.left = files.length - settled;
  summary.failed.sort((a, b) => (a.id < b.id ? -1 : 1));
  summary.leftOut = tally.lines();
  return summary;
}

/** Whether another run has nothing to resume. Unreadable files do not count: they fail until somebody changes them. */
export function isComplete({ left, stopped }: Summary): boolean {
  return left === 0 && stopped === undefined;
}
