import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, vi } from "vitest";

/** A real Extensions API on loopback: responds to `/event/next` on demand. */
export async function extensionsApi({ refuses = false } = {}) {
  const log: string[] = [];
  const waiting: ServerResponse[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    const path = request.url?.replace("/2020-01-01/extension/", "");
    log.push(`${request.method} ${path}`);
    if (path === "event/next") waiting.push(response);
    else if (refuses) response.writeHead(403).end();
    else response.writeHead(200, { "lambda-extension-identifier": "id-1" }).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const nexts = () => log.filter((line) => line === "GET event/next").length;
  return {
    runtimeApi: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    log,
    close() {
      waiting.length = 0;
      server.closeAllConnections();
    },
    async invoke(requestId: string, deadlineMs = Date.now() + 5_000) {
      await vi.waitFor(() => expect(waiting).not.toHaveLength(0));
      waiting.shift()?.end(JSON.stringify({ eventType: "INVOKE", requestId, deadlineMs }));
      return { requestId, deadlineMs };
    },
    waitsForNext: (count: number) => vi.waitFor(() => expect(nexts()).toBe(count)),
    nexts,
  };
}
