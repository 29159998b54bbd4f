import { type BatchLimits, batchesOf } from "./batches.ts";
import type { Found, SourceFile } from "./files.ts";
import { describeLeftOut } from "./left-out.ts";
import type { Item } from "./read-document.ts";
import { StopError } from "./sender.ts";

export interface DryRunOptions {
  limits: BatchLimits;
  where: string;
  write(line: string): void;
  /** Ends it early. */
  stop: AbortSignal;
}

/**
 * Reads every file and sends nothing.
 *
 * @param write called with a line for each document, and with a summary at the end
 * @returns whether everything could be sent
 */
export async function dryRun(
  { files, skipped, unreadable, ignored }: Found,
  read: (file: SourceFile, signal: AbortSignal) => Promise<Item | undefined>,
  { limits, where, write, stop }: DryRunOptions,
): Promise<boolean> {
  const failed = unreadable.map(({ path, reason }) => `cannot be sent: ${path}: ${reason}`);
  let documents = 0;
  let size = 0;
  let requests = 0;

  async function* items(): AsyncGenerator<Item> {
    for (const file of files) {
      try {
        if (stop.aborted) return;
        const item = await read(file, stop);
        if (item) yield item;
      } catch (error) {
        if (stop.aborted) return;
        failed.push(`cannot be sent: ${file.id}: ${error instanceof Error ? error.message : String(error)}`);
        if (error instanceof StopError) return;
      }
    }
  }

  for await (const batch of batchesOf(items(), limits)) {
    requests += 1;
    for (const { document, bytes, leftOut } of batch) {
      documents += 1;
      size += bytes;
      const title = document.title === undefined ? "" : ` (${document.title})`;
      write(`${document.id}${title}${leftOut === undefined ? "" : `: ${describeLeftOut(leftOut)}`}`);
    }
  }
  write(
    `${documents} documents of ${size.toLocaleString("en")} bytes would be sent to ${where}, in ${requests} requests.`,
  );
  if (ignored > 0) write(`${ignored} other files would be skipped.`);
  for (const { path, reason } of skipped) write(`would be skipped: ${path}: ${reason}`);
  for (const line of failed) write(line);
  if (stop.aborted) write("Interrupted: there may be more.");
  write("Nothing was sent.");
  return failed.length === 0;
}
