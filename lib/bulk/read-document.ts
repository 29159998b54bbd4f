import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { EXTENSIONS, readerFor } from "#bulk/readers/readers.ts";
import { UnreadableError } from "#bulk/readers/unreadable.ts";
import { MAX_BODY_BYTES, parse } from "#http/body.ts";
import { RequestError } from "#http/problem.ts";
import { type EmbedRequest, embedRequest, MAX_TEXT_LENGTH } from "#http/schemas.ts";
import type { SourceFile } from "./files.ts";

type Document = EmbedRequest["documents"][number];

/** A document that is ready to be sent. */
export interface Item {
  document: Document;
  /** Bytes as JSON. */
  bytes: number;
  /** Hex SHA-256 of the document as JSON. */
  hash: string;
}

/** Files are read into memory whole. */
const MAX_FILE_BYTES = 100 * 1024 * 1024;

/**
 * Reads a file into a document.
 *
 * @throws UnreadableError when the file cannot be read, or the service would refuse the document
 */
export async function readDocument({ path, id }: SourceFile, topicIds: readonly number[]): Promise<Item> {
  const reader = readerFor(path);
  if (!reader) throw new UnreadableError(`not one of ${EXTENSIONS.join(", ")}`);
  const { text, title } = await reader(await bytesOf(path));
  if (text.trim() === "") throw new UnreadableError("no text in it");
  if (text.length > MAX_TEXT_LENGTH) {
    throw new UnreadableError(
      `${count(text.length)} characters; a document has at most ${count(MAX_TEXT_LENGTH)}: split it`,
    );
  }
  const document = {
    id,
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
  return { document, bytes, hash: createHash("sha256").update(json).digest("hex") };
}

/** `{"documents":[…]}` */
export const ENVELOPE_BYTES = 16;

async function bytesOf(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > MAX_FILE_BYTES) {
      throw new UnreadableError(`${count(size)} bytes; at most ${count(MAX_FILE_BYTES)} are read: split it`);
    }
    return new Uint8Array(await readFile(path));
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    throw new UnreadableError(`cannot be read (${error.code})`, { cause: error });
  }
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
