/**
 * A process that reads files into documents, one at a time, for `file-reader.ts`. In a process of its own a parser of
 * somebody's file may loop, exhaust memory or crash without taking the run with it.
 */
import { Worker } from "node:worker_threads";
import { outlineOf } from "#bulk/web/outline.ts";
import { readSitemap } from "#bulk/web/sitemap.ts";
import type { SourceFile } from "./files.ts";
import { type PageFile, readDocument, readPage } from "./read-document.ts";
import { reasonOf } from "./special-files.ts";

/** What a server sent for an address. */
export interface Received {
  address: string;
  bytes: Uint8Array;
  /** Of the header Content-Type. */
  charset?: string;
}

export type ReadRequest =
  | { kind: "file"; file: SourceFile; topicIds: readonly number[] }
  | { kind: "page"; page: PageFile; topicIds: readonly number[] }
  | { kind: "outline" | "sitemap"; received: Received };

export type ReadReply = { kind: "ready" } | { kind: "read"; result: unknown } | { kind: "unreadable"; reason: string };

const send = (reply: ReadReply): void => void process.send?.(reply);

async function read(request: ReadRequest): Promise<void> {
  try {
    send({ kind: "read", result: await resultOf(request) });
  } catch (error) {
    send({ kind: "unreadable", reason: error instanceof Error ? error.message : reasonOf(error) });
  }
}

async function resultOf(request: ReadRequest): Promise<unknown> {
  switch (request.kind) {
    case "file":
      return readDocument(request.file, request.topicIds);
    case "page":
      return readPage(request.page, request.topicIds);
    case "outline":
      return outlineOf(request.received.bytes, request.received.address, request.received.charset);
    case "sitemap":
      return readSitemap(request.received.bytes, request.received.address);
  }
}

const [maxBytes = ""] = process.argv.slice(2);
new Worker(new URL("read-watchdog.ts", import.meta.url), { workerData: { maxBytes: Number(maxBytes) } }).unref();
process.on("message", (request: ReadRequest) => void read(request));
// The parent has ended.
process.on("disconnect", () => process.exit());
send({ kind: "ready" });
