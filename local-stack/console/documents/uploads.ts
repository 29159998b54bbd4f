import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import type { ReadableStream } from "node:stream/web";
import type { ReadLimits } from "#bulk/file-reader.ts";
import { describeLeftOut } from "#bulk/left-out.ts";
import { type Item, MAX_FILE_BYTES } from "#bulk/read-document.ts";
import { readerFor } from "#bulk/readers/readers.ts";
import { UnreadableError } from "#bulk/readers/unreadable.ts";
import { createHttpSender, type RetryOptions } from "#bulk/send-http.ts";
import { type Outcome, StopError } from "#bulk/sender.ts";
import type { FileResult } from "#console/contract.ts";
import { createIdleReader } from "./idle-reader.ts";
import { reasonFor } from "./reasons.ts";
import { receiveFile } from "./receive-file.ts";
import { createSlots } from "./slots.ts";

/** A file that somebody sends, and what its document shall be. */
export interface Upload {
  id: string;
  topicIds: readonly number[];
  body: ReadableStream<Uint8Array>;
  /** The caller's; the functions decide what it may do. */
  apiKey?: string;
}

export interface Uploads {
  /**
   * Reads the file into a document and sends that to the functions.
   *
   * @throws FileTooLargeError; KeyRefusedError; BusyError when many are being stored; the signal's reason when it is aborted
   */
  store(upload: Upload, signal: AbortSignal): Promise<FileResult>;
  /** Ends the process that reads, and removes what is left of the files. */
  close(): void;
}

/** The functions do not know the caller's key, or want one. */
export class KeyRefusedError extends Error {
  override readonly name = "KeyRefusedError";
}

export interface UploadOptions {
  /** Root of the functions' API. */
  url: string;
  limits?: ReadLimits;
  retries?: RetryOptions;
  /** Milliseconds after which the process that reads is ended. */
  idleMs?: number;
}

/** Files that are received, read or sent at once, and those that wait: a few pages send three each. */
const MAX_RUNNING = 6;
const MAX_WAITING = 60;
/** As `npm run ingest` has them. */
const LIMITS: ReadLimits = { seconds: 20, megabytes: 1024 };
const IDLE_MS = 60_000;

/** Each file is in a temporary folder of this process until its document is stored. */
export function createUploads({ url, limits = LIMITS, retries, idleMs = IDLE_MS }: UploadOptions): Uploads {
  const reader = createIdleReader(limits, idleMs);
  const slots = createSlots(MAX_RUNNING, MAX_WAITING);
  let folder: string | undefined;

  async function read(id: string, body: Upload["body"], signal: AbortSignal): Promise<Item> {
    folder ??= mkdtempSync(join(tmpdir(), "edge-rag-upload-"));
    const path = join(folder, `${randomUUID()}${extname(id)}`);
    try {
      await receiveFile(body, path, MAX_FILE_BYTES, signal);
      return await reader.read({ path, id }, signal);
    } finally {
      await rm(path, { force: true });
    }
  }

  async function send(item: Item, apiKey: string | undefined, signal: AbortSignal): Promise<Outcome | undefined> {
    try {
      const [outcome] = await createHttpSender({ url, ...(apiKey && { apiKey }) }, retries)([item], signal);
      return outcome;
    } catch (error) {
      if (error instanceof StopError && error.message.startsWith("HTTP 401")) {
        throw new KeyRefusedError(reasonFor(error.message), { cause: error });
      }
      throw error;
    }
  }

  async function store({ id, topicIds, body, apiKey }: Upload, signal: AbortSignal): Promise<FileResult> {
    const failed = (reason: string): FileResult => ({ id, status: "failed", reason: reasonFor(reason) });
    // Its name has a part of it, and nothing that was not checked.
    if (!readerFor(id)) return failed(`${extname(id) || "a file without an extension"} is not read`);
    try {
      const { leftOut, document, ...item } = await read(id, body, signal);
      const topics = topicIds.length > 0 && { topic_ids: [...topicIds] };
      const outcome = await send({ ...item, document: { ...document, ...topics } }, apiKey, signal);
      if (outcome === undefined || outcome.status === "queued")
        return failed("the functions did not say what became of it");
      if (outcome.status === "failed") return failed(outcome.reason);
      const { status, chunks = 0, traceId = "" } = outcome;
      return { id, status, chunks, left_out: leftOut ? [describeLeftOut(leftOut)] : [], trace_id: traceId };
    } catch (error) {
      if (error instanceof UnreadableError || error instanceof StopError) return failed(error.message);
      throw error;
    }
  }

  function close(): void {
    reader.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    folder = undefined;
  }

  return { store: (upload, signal) => slots.run(() => store(upload, signal), signal), close };
}
