import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** The part of Lambda's runtime that streams responses. */
export interface StreamingRuntime {
  HttpResponseStream: { from(stream: Writable, metadata: Record<string, unknown>): Writable };
}

/**
 * Sends a response through Lambda's response stream: status and headers at once, the body piece by piece, with
 * backpressure. Settles when all is sent, or when the reader disconnects; then the body is cancelled. Never rejects.
 */
export async function sendResponse(response: Response, stream: Writable, runtime: StreamingRuntime): Promise<void> {
  const { status: statusCode, headers, body } = response;
  const http = runtime.HttpResponseStream.from(stream, { statusCode, headers: Object.fromEntries(headers) });
  // Status and headers are sent with the first write, which an empty body would never make.
  http.write("");
  const source = body ? Readable.fromWeb(body) : Readable.from([]);
  // pipeline does not destroy the source when the stream was already closed.
  await pipeline(source, http).catch(() => void source.destroy());
}
