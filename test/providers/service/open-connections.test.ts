import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { httpFetch } from "#providers/service/http-fetch.ts";
import { openConnections } from "#providers/service/open-connections.ts";

/** A server that counts its connections and lists its requests. */
async function startServer() {
  const seen = { connections: 0, requests: [] as string[] };
  const server = createServer((request, response) => {
    seen.requests.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    response.writeHead(404).end();
  }).on("connection", () => {
    seen.connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

test("the first request to a host finds its connection open, whatever became of the other hosts", async () => {
  const { url, seen } = await startServer();
  await openConnections([`${url}/v1`, "http://127.0.0.1:1/", `${url}/rerank`], httpFetch);
  expect(seen).toEqual({ connections: 1, requests: ["OPTIONS / undefined"] });
  const response = await httpFetch(`${url}/v1/embeddings`, { method: "POST", body: "{}", redirect: "error" });
  expect(response.status).toBe(404);
  expect(seen).toMatchObject({ connections: 1, requests: ["OPTIONS / undefined", "POST /v1/embeddings undefined"] });
});
