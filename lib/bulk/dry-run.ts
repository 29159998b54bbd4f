import { UnreadableError } from "#bulk/readers/unreadable.ts";
import { type BatchLimits, batchesOf } from "./batches.ts";
import type { Found, SourceFile } from "./files.ts";
import type { Item } from "./read-document.ts";

/**
 * Reads every file and sends nothing.
 *
 * @param write called with a line for each document, and with a summary at the end
 * @returns whether everything could be sent
 */
export async function dryRun(
  { files, ignored }: Found,
  read: (file: SourceFile) => Promise<Item>,
  { limits, where, write }: { limits: BatchLimits; where: string; write: (line: string) => void },
): Promise<boolean> {
  const failed: string[] = [];
  let documents = 0;
  let size = 0;
  let requests = 0;

  async function* items(): AsyncGenerator<Item> {
    for (const file of files) {
      try {
        yield await read(file);
      } catch (error) {
        if (!(error instanceof UnreadableError)) throw error;
        failed.push(`cannot be sent: ${file.id}: ${error.message}`);
      }
    }
  }

  for await (const batch of batchesOf(items(), limits)) {
    requests += 1;
    for (const { document, bytes } of batch) {
      documents += 1;
      size += bytes;
      write(`${document.id}${document.title === undefined ? "" : ` (${document.title})`}`);
    }
  }
  write(
    `${documents} documents of ${size.toLocaleString("en")} bytes would be sent to ${where}, in ${requests} requests.`,
  );
  if (ignored > 0) write(`${ignored} other files would be skipped.`);
  for (const line of failed) write(line);
  write("Nothing was sent.");
  return failed.length === 0;
}
