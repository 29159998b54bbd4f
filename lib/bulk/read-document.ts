import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import type { Content, LeftOut } from "#bulk/readers/content.ts";
import { EXTENSIONS, type Reader, readerFor } from "#bulk/readers/readers.ts";
import { UnreadableError } from "#bulk/readers/unreadable.ts";
import { MAX_BODY_BYTES, parse } from "#http/body.ts";
import { RequestError } from "#http/problem.ts";
import { type EmbedRequest, embedRequest, MAX_TEXT_LENGTH } from "#http/schemas.ts";
import type { SourceFile } from "./files.ts";
import { kindOf, reasonOf } from "./special-files.ts";

type Document = EmbedRequest["documents"][number];

/** A document that is ready to be sent. */
export interface Item {
  document: Document;
  /** Bytes as JSON. */
  bytes: number;
  /** Hex SHA-256 of the document as JSON. */
  hash: string;
  /** Visible text of the file that is no part of the document, by kind; missing when there is none. */
  leftOut?: LeftOut[];
}

/** Files are read into memory whole. */
export const MAX_FILE_BYTES = 100 * 1024 * 1024;

/**
 * Reads a file into a document.
 *
 * @throws UnreadableError when the file cannot be read, or the service would refuse the document
 */
export async function readDocument({ path, id }: SourceFile, topicIds: readonly number[]): Promise<Item> {
  const reader = readerFor(path);
  if (!reader) throw new UnreadableError(`not one of ${EXTENSIONS.join(", ")}`);
  return itemOf(await extract(reader, bytesOf(path)), { id }, topicIds);
}

/** A page of the web. */
export interface PageFile {
  id: string;
  /** The document's URL. */
  address: string;
  bytes: Uint8Array;
  /** As a file with this content would have, such as ".html". */
  extension: string;
  /** Of the header Content-Type. */
  charset?: string;
}

/**
 * Reads a page into a document that links to it.
 *
 * @throws UnreadableError as {@link readDocument}
 */
export async function readPage(page: PageFile, topicIds: readonly number[]): Promise<Item> {
  const { id, address: url, bytes, extension, charset } = page;
  const reader = readerFor(`page${extension}`);
  if (!reader) throw new UnreadableError(`not one of ${EXTENSIONS.join(", ")}`);
  return itemOf(await extract(reader, bytes, charset), { id, url }, topicIds);
}

function itemOf(
  { text, title, leftOut }: Content,
  source: { id: string; url?: string },
  topicIds: readonly number[],
): Item {
  if (text.trim() === "") throw new UnreadableError("no text in it");
  if (text.length > MAX_TEXT_LENGTH) {
    throw new UnreadableError(
      `${count(text.length)} characters; a document has at most ${count(MAX_TEXT_LENGTH)}: split it`,
    );
  }
  const document = {
    ...source,
    text,
    ...(title !== undefined && { title }),
    ...(topicIds.length > 0 && { topic_ids: [...topicIds] }),
  };
  check(document);
  const json = JSON.stringify(document);
  const bytes = Buffer.byteLength(json);
  if (bytes > MAX_BODY_BYTES - ENVELOPE_BYTES) {
    throw new UnreadableError(`${count(bytes)} bytes; a request has at most ${count(MAX_BODY_BYTES)}: split it`);
  }
  return { document, bytes, hash: createHash("sha256").update(json).digest("hex"), ...(leftOut && { leftOut }) };
}

/** `{"documents":[…]}` */
export const ENVELOPE_BYTES = 16;

/** @throws UnreadableError for whatever a reader throws: they parse files of anybody */
async function extract(reader: Reader, bytes: Uint8Array, charset?: string): Promise<Content> {
  try {
    return await reader(bytes, charset);
  } catch (error) {
    if (error instanceof UnreadableError) throw error;
    const reason =
      error instanceof RangeError && /call stack/.test(error.message)
        ? "nested too deeply: simplify it, or save it as text"
        : `damaged, or not what its name says (${reasonOf(error)})`;
    throw new UnreadableError(reason, { cause: error });
  }
}

/** A link or a named pipe may have taken the file's place since it was found: neither is followed or waited for. */
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Synchronous: it runs in a process that has nothing else to do, in a third of the time. */
function bytesOf(path: string): Uint8Array {
  let file: number | undefined;
  try {
    file = openSync(path, FLAGS);
    const stats = fstatSync(file);
    if (!stats.isFile()) throw new UnreadableError(`${kindOf(stats)}, not a regular file`);
    return readAll(file, stats.size);
  } catch (error) {
    if (error instanceof UnreadableError) throw error;
    throw new UnreadableError(`cannot be read (${reasonOf(error)})`, { cause: error });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** @param expected size in bytes, a hint: files grow, and those of /proc have none */
function readAll(file: number, expected: number): Uint8Array {
  if (expected > MAX_FILE_BYTES) throw new UnreadableError(tooLarge(expected));
  let buffer = new Uint8Array(expected + 1);
  let size = 0;
  for (;;) {
    const read = readSync(file, buffer, size, buffer.length - size, null);
    if (read === 0) return buffer.subarray(0, size);
    size += read;
    if (size > MAX_FILE_BYTES) throw new UnreadableError(tooLarge(size));
    if (size === buffer.length) {
      const larger = new Uint8Array(2 * size);
      larger.set(buffer);
      buffer = larger;
    }
  }
}

function tooLarge(size: number): string {
  return `${count(size)} bytes; at most ${count(MAX_FILE_BYTES)} are read: split it`;
}

/** Validates with the service's own schema, so that documents it would refuse are not sent. */
function check(document: Document): void {
  try {
    parse({ documents: [document] }, embedRequest, "document");
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const problems = error.errors?.map(({ path, message }) => `${path.replace("/documents/0/", "")} ${message}`);
    throw new UnreadableError((problems ?? [error.message]).join("; "), { cause: error });
  }
}

function count(value: number): string {
  return value.toLocaleString("en");
}
