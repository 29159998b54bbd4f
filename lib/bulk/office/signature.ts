import { UnreadableError } from "#bulk/readers/unreadable.ts";

/** [MS-CFB]: what Office wrote until 2003, and what it wraps a document with a password in. */
const COMPOUND_FILE = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
/** The stream of [MS-OFFCRYPTO] that has the document. */
const ENCRYPTED = Buffer.from("EncryptedPackage", "utf16le");
const OTHERS: readonly (readonly [start: string, what: string])[] = [
  ["%PDF", "a PDF: name it .pdf"],
  ["{\\rtf", "an RTF file"],
  ["<html", "an HTML page: name it .html"],
  ["<!doctype html", "an HTML page: name it .html"],
];

/**
 * Looks at the first bytes of what should be a zip file.
 *
 * @throws UnreadableError that says what it is instead, and what to do
 */
export function checkSignature(bytes: Uint8Array, kind: string): void {
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return;
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (COMPOUND_FILE.every((byte, index) => bytes[index] === byte)) {
    throw new UnreadableError(
      file.includes(ENCRYPTED)
        ? "it has a password: open it, remove the password, and save it again"
        : `of Office 2003 or older: open it and save it as ${kind}`,
    );
  }
  const start = file.toString("latin1", 0, 64).trimStart().toLowerCase();
  const other = OTHERS.find(([mark]) => start.startsWith(mark.toLowerCase()));
  throw new UnreadableError(other ? `not a ${kind} but ${other[1]}` : `damaged, or not a ${kind}: it is no zip file`);
}
