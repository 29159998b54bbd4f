import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createQdrantClient } from "#providers/qdrant/client.ts";
import type { VectorStore } from "#rag/ports.ts";
import { hashVector } from "../_hash-embedder.ts";
import { documentOf } from "../sqlite/_sqlite.ts";
import { fakeForTest, openOn, storeForTest } from "./_qdrant.ts";

const CALLS: [name: string, run: (store: VectorStore, call: { signal: AbortSignal }) => Promise<unknown>][] = [
  ["versions", (store, call) => store.versions(["a"], call)],
  ["replace", (store, call) => store.replace(...documentOf("a", ["words"]), call)],
  ["remove", (store, call) => store.remove("a", call)],
  ["search", (store, call) => store.search({ text: "words", vector: hashVector("x"), limit: 5 }, call)],
];

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

// Fails when a new version of the client no longer sends its requests through the operations of `api()`.
test("every request of the client is one call of the given fetch", async () => {
  const fake = await fakeForTest({ apiKey: "key" });
  const sent: string[] = [];
  const client = createQdrantClient({
    url: fake.url,
    apiKey: "key",
    fetch: (input, init) => {
      sent.push(`${init?.method} ${new URL(String(input)).pathname}`);
      return fetch(input, init);
    },
  });
  const point = { id: "00000000-0000-4000-8000-000000000001", vector: { dense: [1] } };
  await client.createCollection("c", { vectors: { dense: { size: 1, distance: "Cosine" } } });
  await client.createPayloadIndex("c", { field_name: "f", field_schema: "keyword", wait: true });
  await client.upsert("c", { points: [point], wait: true });
  expect(await client.retrieve("c", { ids: [point.id] })).toMatchObject([{ id: point.id }]);
  expect(await client.scroll("c")).toMatchObject({ points: [{ id: point.id }] });
  expect(await client.count("c")).toEqual({ count: 1 });
  const searches = [{ query: [1], using: "dense", limit: 1 }];
  expect(await client.queryBatch("c", { searches })).toMatchObject([{ points: [{ id: point.id }] }]);
  await client.updateCollectionAliases({ actions: [{ create_alias: { alias_name: "a", collection_name: "c" } }] });
  expect(await client.getAliases()).toEqual({ aliases: [{ alias_name: "a", collection_name: "c" }] });
  expect(await client.getCollections()).toEqual({ collections: [{ name: "c" }] });
  expect(await client.getCollection("a")).toMatchObject({ points_count: 1 });
  await client.delete("c", { points: [point.id], wait: true });
  expect(await client.deleteCollection("c")).toBe(true);
  expect(sent).toHaveLength(13);
  expect(sent).toEqual(fake.requests.map(({ method, path }) => `${method} ${path.split("?")[0]}`));
});

test("an operation that is not listed is rejected, not sent by the client's own transport", async () => {
  const fake = await fakeForTest();
  await expect(createQdrantClient(fake).getCollectionAliases("c")).rejects.toThrow(
    /getCollectionAliases is not listed in/,
  );
  expect(fake.requests).toEqual([]);
});

test("follows no redirects, so the key is not sent to another host", async () => {
  const { url: elsewhere, requests } = await fakeForTest();
  const url = await serve((_, response) => response.writeHead(307, { location: elsewhere }).end());
  await expect((await openOn({ url }, { apiKey: "key" })).ping()).rejects.toThrow(/failed: unexpected redirect/);
  expect(requests).toEqual([]);
});

test.each<[string, RequestListener]>([
  ["never responds", () => {}],
  [
    "begins a response and never ends it",
    (_, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.write('{"result":');
    },
  ],
])("times out when a server %s", async (_, listener) => {
  const store = await openOn({ url: await serve(listener) }, { timeoutMs: 50 });
  await expect(store.ping()).rejects.toMatchObject({
    code: "timeout",
    message: /failed: Qdrant timed out/,
  });
});

test("a response that is cut off is an error with a cause", async () => {
  const url = await serve((_, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write('{"result":', () => response.destroy());
  });
  await expect((await openOn({ url })).ping()).rejects.toMatchObject({ name: "QdrantError", cause: expect.any(Error) });
});

test.each(CALLS)("%s rejects with the signal's reason when it is aborted during a request", async (_, run) => {
  const { fake, store } = await storeForTest();
  const controller = new AbortController();
  const reason = new Error("no time left");
  fake.script = async () => {
    controller.abort(reason);
    return new Promise(() => {});
  };
  await expect(run(store, { signal: controller.signal })).rejects.toBe(reason);
});

test.each(CALLS)("%s sends no request when the signal is already aborted", async (_, run) => {
  const { fake, store } = await storeForTest();
  fake.requests.length = 0;
  const reason = new Error("no time left");
  await expect(run(store, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(fake.requests).toEqual([]);
});
