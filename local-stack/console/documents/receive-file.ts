import { createWriteStream } from "node:fs";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";

/** A file that has more bytes than may be received. */
export class FileTooLargeError extends Error {
  override readonly name = "FileTooLargeError";

  constructor(maxBytes: number) {
    super(`The file has more than ${maxBytes.toLocaleString("en")} bytes, the most that are read: split it.`);
  }
}

/**
 * Writes a stream to a new file that only this user can read.
 *
 * @throws FileTooLargeError after the first byte over the limit; the signal's reason once it is aborted
 */
export async function receiveFile(
  body: ReadableStream<Uint8Array>,
  path: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<void> {
  let bytes = 0;
  const limit = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      bytes += chunk.length;
      if (bytes > maxBytes) done(new FileTooLargeError(maxBytes));
      else done(null, chunk);
    },
  });
  try {
    await pipeline(Readable.fromWeb(body), limit, createWriteStream(path, { flags: "wx", mode: 0o600 }), { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
