import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip, inflate } from "node:zlib";
import { LIMITS } from "./limits.ts";

/** A request is refused with this HTTP status. */
export class HttpError extends Error {
  override name = "HttpError";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
}

type Decompress = (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

/** Of the Content-Encoding header: those of the official SDKs. "deflate" is with zlib's header (RFC 9110 8.4.1.2). */
const DECOMPRESS: ReadonlyMap<string, Decompress> = new Map<string, Decompress>([
  ["gzip", promisify(gunzip)],
  ["deflate", promisify(inflate)],
  ["identity", async (body) => body],
]);

/**
 * Reads bodies, several at a time.
 *
 * @returns a function that reads one and decompresses it; it rejects with an HttpError: 413 when it is too large, 415 for
 *   an unknown Content-Encoding, 400 when it cannot be decompressed, 503 while too much else is being read
 */
export function createBodyReader(): (request: IncomingMessage) => Promise<Buffer> {
  let heldBytes = 0;

  return async (request) => {
    const encoding = request.headers["content-encoding"]?.trim().toLowerCase() || "identity";
    const decompress = DECOMPRESS.get(encoding);
    if (!decompress) throw new HttpError(415, `Content-Encoding ${encoding} is not supported: send gzip or deflate`);
    if (Number(request.headers["content-length"] ?? 0) > LIMITS.bodyBytes) throw tooLarge();

    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        heldBytes += chunk.length;
        if (bytes > LIMITS.bodyBytes) throw tooLarge();
        if (heldBytes > LIMITS.heldBytes) throw new HttpError(503, "busy with other requests", { "retry-after": "1" });
        chunks.push(chunk);
      }
      return await decompress(Buffer.concat(chunks), { maxOutputLength: LIMITS.bodyBytes });
    } catch (error) {
      throw toHttpError(error, encoding);
    } finally {
      heldBytes -= bytes;
    }
  };
}

function toHttpError(error: unknown, encoding: string): HttpError {
  if (error instanceof HttpError) return error;
  if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") return tooLarge();
  return new HttpError(400, `the body is not ${encoding}: ${error instanceof Error ? error.message : error}`);
}

function tooLarge(): HttpError {
  return new HttpError(413, `the body is larger than ${LIMITS.bodyBytes / 2 ** 20} MiB: send smaller batches`);
}
