import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** What Lambda's runtime offers for responses that are sent bit by bit. */
export interface StreamingRuntime {
  HttpResponseStream: { from(stream: Writable, metadata: Record<string, unknown>): Writable };
}

/**
 * Sends a response through Lambda's response stream: status and headers at once, the body as it comes and is taken.
 * Settles when all is sent, or when whoever reads it has gone; the rest of the body is then cancelled. Never rejects.
 */
export async function sendResponse(response: Response, stream: Writable, runtime: StreamingRuntime): Promise<void> {
  const { status: statusCode, headers, body } = response;
  const http = runtime.HttpResponseStream.from(stream, { statusCode, headers: Object.fromEntries(headers) });
  // Status and headers go with the first write, which for an empty body would never come.
  http.write("");
  const source = body ? Readable.fromWeb(body) : Readable.from([]);
  // A stream that is closed already would leave the source as it is.
  await pipeline(source, http).catch(() => void source.destroy());
}
