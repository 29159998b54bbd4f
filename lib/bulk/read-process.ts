/**
 * A process that reads files into documents, one at a time, for `file-reader.ts`. In a process of its own a parser of
 * somebody's file may loop, exhaust memory or crash without taking the run with it.
 */
import { Worker } from "node:worker_threads";
import type { SourceFile } from "./files.ts";
import { type Item, readDocument } from "./read-document.ts";
import { reasonOf } from "./special-files.ts";

export interface ReadRequest {
  file: SourceFile;
  topicIds: readonly number[];
}

export type ReadReply = { kind: "ready" } | { kind: "read"; item: Item } | { kind: "unreadable"; reason: string };

const send = (reply: ReadReply): void => void process.send?.(reply);

async function read({ file, topicIds }: ReadRequest): Promise<void> {
  try {
    send({ kind: "read", item: await readDocument(file, topicIds) });
  } catch (error) {
    send({ kind: "unreadable", reason: error instanceof Error ? error.message : reasonOf(error) });
  }
}

const [maxBytes = ""] = process.argv.slice(2);
new Worker(new URL("read-watchdog.ts", import.meta.url), { workerData: { maxBytes: Number(maxBytes) } }).unref();
process.on("message", (request: ReadRequest) => void read(request));
// The parent has ended.
process.on("disconnect", () => process.exit());
send({ kind: "ready" });
