import { expect, test } from "vitest";
import { pointAlias } from "#providers/qdrant/alias.ts";
import { createQdrantClient } from "#providers/qdrant/client.ts";
import { createCollection } from "#providers/qdrant/collection.ts";
import { openQdrantStore } from "#providers/qdrant/store.ts";
import { hashVector } from "../_hash-embedder.ts";
import { CONTENT } from "../_store-contract.ts";
import { documentOf } from "../sqlite/_sqlite.ts";
import { fakeForTest, openOn } from "./_qdrant.ts";

const unavailable = () => ({ status: 503, headers: { "retry-after": "3" }, body: "" });
const search = { text: "words", vector: hashVector("words"), limit: 5 };

test("while Qdrant is down, `ready` and every call reject; calls succeed once it is up", async () => {
  const fake = await fakeForTest();
  fake.script = unavailable;
  const { store, ready } = openQdrantStore({ url: fake.url, collection: "docs", ...CONTENT });
  await expect(ready).rejects.toMatchObject({ name: "QdrantError", status: 503 });
  await expect(store.search(search)).rejects.toMatchObject({ name: "QdrantError", status: 503 });
  await expect(store.ping()).rejects.toMatchObject({ status: 503 });
  expect(fake.collections.size).toBe(0);

  fake.script = () => undefined;
  await store.replace(...documentOf("a", ["words"]));
  expect(await store.search(search)).toHaveLength(1);
  expect(fake.aliases).toEqual(new Map([["docs", "docs_v1"]]));
});

test("while Qdrant does not respond, opening the store does not wait, and a call waits until its signal is aborted", async () => {
  const fake = await fakeForTest();
  fake.script = () => new Promise(() => {});
  const { store, ready } = openQdrantStore({ url: fake.url, collection: "docs", ...CONTENT, timeoutMs: 200 });
  const impatient = store.search(search, { signal: AbortSignal.timeout(30) });
  await expect(impatient).rejects.toMatchObject({ name: "TimeoutError" });
  await expect(ready).rejects.toMatchObject({ code: "timeout" });
  fake.script = () => undefined;
  await store.ping();
});

test("the preparation begins before the first call, which then needs no extra request", async () => {
  const fake = await fakeForTest();
  const { store, ready } = openQdrantStore({ url: fake.url, collection: "docs", ...CONTENT });
  await ready;
  expect(fake.aliases.has("docs")).toBe(true);
  fake.requests.length = 0;
  await store.versions(["a"]);
  expect(fake.requests.map(({ path }) => path)).toEqual(["/collections/docs/points"]);
});

test("concurrent calls share one preparation, and aborting one does not cancel it for the others", async () => {
  const fake = await fakeForTest();
  fake.script = unavailable;
  const store = await openOn(fake);
  const controller = new AbortController();
  fake.requests.length = 0;
  fake.script = async ({ method }) => void (method === "PUT" && controller.abort(new Error("aborted")));
  const calls = [store.search(search), store.ping(), store.search(search, { signal: controller.signal })];
  const [searched, pinged, aborted] = await Promise.allSettled(calls);
  expect(searched).toMatchObject({ status: "fulfilled", value: [] });
  expect(pinged?.status).toBe("fulfilled");
  expect(aborted).toMatchObject({ status: "rejected", reason: { message: "aborted" } });
  const created = fake.requests.filter(({ method, path }) => method === "PUT" && path === "/collections/docs_v1");
  expect(created).toHaveLength(1);
});

test("after the alias was switched to another model's collection, searches and writes fail", async () => {
  for (const other of [
    { ...CONTENT, model: "other" },
    { ...CONTENT, dimensions: 64 },
  ]) {
    const fake = await fakeForTest();
    const store = await openOn(fake);
    await store.replace(...documentOf("a", ["words"]));
    await createCollection(createQdrantClient(fake), "docs_v2", other);
    await pointAlias(createQdrantClient(fake), "docs", "docs_v2");
    await expect(store.search(search)).rejects.toMatchObject({ code: "HTTP_400" });
    await expect(store.search(search)).rejects.toMatchObject({ code: "collection_mismatch", message: /other|64/ });
    await expect(store.replace(...documentOf("b", ["words"]))).rejects.toMatchObject({ code: "collection_mismatch" });
    expect(fake.collections.get("docs_v2")?.points.size).toBe(0);
  }
});

test("a deleted collection is created again by the call after the one that got a 404", async () => {
  const fake = await fakeForTest();
  const store = await openOn(fake);
  fake.collections.clear();
  fake.aliases.clear();
  await expect(store.search(search)).rejects.toMatchObject({ status: 404 });
  expect(await store.search(search)).toEqual([]);
});
