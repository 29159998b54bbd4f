import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { onTestFinished } from "vitest";

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  /** The body as it came, unzipped. */
  text: string;
}

export interface Collector {
  url: string;
  received: Received[];
}

/** A real OTLP/HTTP receiver on a free port, closed after the test. `answer` decides what it says; by default 200. */
export async function startCollector(answer: (response: ServerResponse) => void = accept): Promise<Collector> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const text = (request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body).toString();
      received.push({ path: request.url ?? "", headers: request.headers, text });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

export function accept(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/json" }).end("{}");
}
