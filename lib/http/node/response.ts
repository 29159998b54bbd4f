import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";

/**
 * Sends a response: events piece by piece, with backpressure, anything else at once with its length. Settles when all is
 * sent, or when the reader disconnects; then the body is cancelled.
 */
export async function sendResponse(response: Response, outgoing: ServerResponse): Promise<void> {
  const { status, body } = response;
  const headers = Object.fromEntries(response.headers);
  if (body && headers["content-type"]?.startsWith("text/event-stream")) {
    outgoing.writeHead(status, headers).flushHeaders();
    const source = Readable.fromWeb(body);
    // pipeline does not destroy the source when the connection was already closed.
    await pipeline(source, outgoing).catch(() => void source.destroy());
    return;
  }
  const content = body && Buffer.from(await response.arrayBuffer());
  const sent = finished(outgoing).catch(() => {});
  outgoing.writeHead(status, { ...headers, ...(content && { "content-length": content.length }) });
  if (content) outgoing.end(content);
  else outgoing.end();
  await sent;
}
