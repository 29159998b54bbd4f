import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { restrictToHost } from "#providers/service/restrict-to-host.ts";

/** Responds with the path, or redirects to `location`. */
async function startServer(location?: string) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(request.url ?? "");
    if (location === undefined) response.end(request.url);
    else response.writeHead(307, { location }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { seen, port: (server.address() as AddressInfo).port };
}

test("sends requests to its host on any port and path", async () => {
  const { port } = await startServer();
  const fetch = restrictToHost("http://127.0.0.1:1/v1", globalThis.fetch);
  for (const input of [`http://127.0.0.1:${port}/a`, new URL(`http://127.0.0.1:${port}/a`)]) {
    expect(await (await fetch(input)).text()).toBe("/a");
  }
  expect(await (await fetch(new Request(`http://127.0.0.1:${port}/b`, { method: "POST", body: "x" }))).text()).toBe(
    "/b",
  );
});

test.each([
  ["another host", "http://localhost:PORT/"],
  ["a host that only ends like it", "http://evil-127.0.0.1.example:PORT/"],
  ["its name as the user name", "http://127.0.0.1@localhost:PORT/"],
])("sends no request to %s", async (_name, url) => {
  const { port, seen } = await startServer();
  const fetch = restrictToHost("http://127.0.0.1/", globalThis.fetch);
  const response = fetch(url.replace("PORT", String(port)), { headers: { authorization: "Bearer secret" } });
  await expect(response).rejects.toMatchObject({ code: "host_not_allowed" });
  await expect(response).rejects.not.toThrow(/secret/);
  expect(seen).toEqual([]);
});

test("follows no redirects, not even to the same host", async () => {
  const other = await startServer();
  const { port } = await startServer(`http://127.0.0.1:${other.port}/`);
  const fetch = restrictToHost("http://127.0.0.1/", globalThis.fetch);
  await expect(fetch(`http://127.0.0.1:${port}/`, { redirect: "follow" })).rejects.toThrow();
  expect((await fetch(`http://127.0.0.1:${port}/`, { redirect: "manual" })).status).toBe(307);
  expect(other.seen).toEqual([]);
});
