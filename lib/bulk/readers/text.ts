import { UnreadableError } from "./unreadable.ts";

/**
 * The text of a file in UTF-8, without a byte order mark.
 *
 * @throws UnreadableError when it is in another encoding, or no text at all
 */
export function decodeText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff || bytes[0] === 0xfe) {
    throw new UnreadableError("not UTF-8, but most likely UTF-16: save it as UTF-8");
  }
  // NUL is valid UTF-8, and in no text.
  if (bytes.includes(0)) throw new UnreadableError("a binary file, no text");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UnreadableError("not UTF-8: save it as UTF-8, for example with iconv -f WINDOWS-1252 -t UTF-8");
  }
}
