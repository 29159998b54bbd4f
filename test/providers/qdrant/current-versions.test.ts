import { expect, test } from "vitest";
import type { VectorStore } from "#rag/ports.ts";
import type { FakeQdrant } from "../../support/qdrant-server.ts";
import { hashVector } from "../_hash-embedder.ts";
import { documentOf } from "../sqlite/_sqlite.ts";
import { openOn, storeForTest } from "./_qdrant.ts";

/** Ids of the documents found, and the requests sent. */
async function find(fake: FakeQdrant, store: VectorStore, text: string, limit = 200) {
  const before = fake.requests.length;
  const hits = await store.search({ text, limit });
  const requests = fake.requests.slice(before);
  return { found: hits.map(({ documentId }) => documentId).toSorted(), requests };
}

test("a search needs a second round trip only for documents that were not found before", async () => {
  const { fake, store } = await storeForTest();
  await store.replace(...documentOf("a", ["zebra"]));
  await store.replace(...documentOf("b", ["zebra and giraffe"]));
  expect(await find(fake, store, "giraffe")).toMatchObject({ found: ["b"], requests: { length: 2 } });
  expect(await find(fake, store, "giraffe")).toMatchObject({ found: ["b"], requests: { length: 1 } });

  const both = await find(fake, store, "zebra");
  expect(both).toMatchObject({ found: ["a", "b"], requests: { length: 2 } });
  expect(both.requests[1]?.text.match(/"[\da-f-]{36}"/g), "only the new one").toHaveLength(1);
  expect(await find(fake, store, "zebra")).toMatchObject({ found: ["a", "b"], requests: { length: 1 } });
});

test("prefetched manifests are current", async () => {
  const { fake, store } = await storeForTest();
  const reader = await openOn(fake);
  await store.replace(...documentOf("a", ["zebra"], { version: "old" }));
  await store.replace(...documentOf("b", ["zebra"]));
  await find(fake, reader, "zebra");
  await store.replace(...documentOf("a", ["zebra and giraffe"], { version: "new" }));
  expect(await find(fake, reader, "giraffe")).toMatchObject({ found: ["a"], requests: { length: 1 } });
  const deleted = /\/points\/delete/;
  fake.script = ({ path }) => (deleted.test(path) ? { status: 500, body: "" } : undefined);
  await expect(store.remove("a")).rejects.toMatchObject({ status: 500 });
  expect(await find(fake, reader, "zebra"), "chunks exist, but the document is removed").toMatchObject({
    found: ["b"],
    requests: { length: 1 },
  });
  fake.script = () => undefined;
  await store.remove("a");
  await store.remove("b");
  expect(await find(fake, reader, "zebra")).toMatchObject({ found: [], requests: { length: 1 } });
});

test("after more than a hundred documents were found, manifests are read after the search again", async () => {
  const { fake, store } = await storeForTest();
  const ids = Array.from({ length: 101 }, (_, n) => `document ${n}`);
  for (const id of ids.slice(1)) await store.replace(...documentOf(id, ["zebra"]));
  await find(fake, store, "zebra");
  const hundred = await find(fake, store, "zebra");
  expect(hundred).toMatchObject({ found: ids.slice(1).toSorted(), requests: { length: 1 } });
  await store.replace(...documentOf("document 0", ["zebra"]));
  await find(fake, store, "zebra");
  const more = await find(fake, store, "zebra");
  expect(more).toMatchObject({ found: ids.toSorted(), requests: { length: 2 } });
  expect(more.requests[0]?.text).not.toContain("has_id");
});

test("concurrent searches that find a new document return consistent results", async () => {
  const { fake, store } = await storeForTest();
  await store.replace(...documentOf("a", ["zebra"]));
  await store.replace(...documentOf("b", ["giraffe"]));
  await find(fake, store, "zebra");
  const vector = hashVector("giraffe");
  const searches = Array.from({ length: 4 }, () => store.search({ text: "zebra giraffe", vector, limit: 10 }));
  for (const hits of await Promise.all(searches)) {
    expect(hits.map(({ documentId }) => documentId).toSorted()).toEqual(["a", "b"]);
  }
});

test("a point that is not a manifest is an error", async () => {
  const { fake, store } = await storeForTest();
  await store.replace(...documentOf("a", ["zebra"]));
  await find(fake, store, "zebra");
  for (const { payload } of fake.collections.get("docs_v1")?.points.values() ?? []) delete payload.chunks;
  await expect(find(fake, store, "zebra")).rejects.toMatchObject({ code: "malformed_response" });
});
