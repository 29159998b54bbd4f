import { expect, it } from "vitest";
import { createTenantStore } from "#providers/wrappers/tenant-store.ts";
import type { Hit, SearchFilter, VectorStore } from "#rag/ports.ts";
import { documentOf, newStore } from "../sqlite/_sqlite.ts";

const [ALICE, BOB] = [{ tenant: "alice" }, { tenant: "bob" }];

async function sharedStore() {
  const { store } = await newStore();
  return { wrapped: store, store: createTenantStore(store) };
}

const search = async (store: VectorStore, call: { tenant: string }, filter?: SearchFilter) =>
  (await store.search({ text: "words", limit: 10, ...(filter && { filter }) }, call)).map(({ text }) => text);

it("isolates documents with the same id when reading, writing and removing", async () => {
  const { store } = await sharedStore();
  await store.replace(...documentOf("doc", ["words of alice"], { version: "a" }), ALICE);
  await store.replace(...documentOf("doc", ["words of bob", "more words"], { version: "b" }), BOB);
  expect(await store.versions(["doc"], ALICE)).toEqual(new Map([["doc", { version: "a", chunks: 1 }]]));
  expect((await search(store, BOB)).toSorted()).toEqual(["more words", "words of bob"]);
  expect(await store.remove("doc", BOB)).toBe(2);
  expect(await store.remove("doc", BOB)).toBeUndefined();
  expect(await search(store, BOB)).toEqual([]);
  expect(await search(store, ALICE)).toEqual(["words of alice"]);
});

it("only searches the tenant's documents, whatever the filter", async () => {
  const { store } = await sharedStore();
  await store.replace(...documentOf("doc", ["words of alice"], { metadata: { lang: "en" }, topicIds: [1] }), ALICE);
  for (const filter of [
    undefined,
    {},
    { metadata: { lang: ["en"] } },
    { topicIds: [1] },
    { metadata: { "\u001ftenant": ["alice"] } },
    { metadata: { "\u001ftenant": ["alice", "bob"], lang: ["en"] } },
  ]) {
    expect(await search(store, BOB, filter), JSON.stringify(filter)).toEqual([]);
  }
  expect(await search(store, ALICE, { metadata: {} })).toEqual([]);
  expect(await search(store, ALICE, { topicIds: [] })).toEqual([]);
  expect(await search(store, ALICE, { metadata: { lang: [] } })).toEqual([]);
  expect(await search(store, ALICE, { metadata: { lang: ["en"] } })).toEqual(["words of alice"]);
});

it("gives and lists the tenant's documents, without what it adds to them", async () => {
  const { store } = await sharedStore();
  await store.replace(...documentOf("doc", ["words of alice"], { metadata: { lang: "en" } }), ALICE);
  expect(await store.get("doc", { limit: 9 }, ALICE)).toEqual({
    ...{ id: "doc", title: "doc", topicIds: [], chunks: 1, updatedAt: expect.any(Number), metadata: { lang: "en" } },
    content: [{ id: "doc#0", position: 0, heading: "", text: "words of alice" }],
  });
  for (const id of ["doc", "alice\u001fdoc", "\u001fdoc"]) {
    expect(await store.get(id, { limit: 9 }, BOB), id).toBeUndefined();
    expect(await store.get(id, { limit: 9, filter: { metadata: { "\u001ftenant": ["alice"] } } }, BOB)).toBeUndefined();
  }
  expect(await store.get("doc", { limit: 9, filter: { metadata: {} } }, ALICE)).toBeUndefined();
  expect((await store.list({ limit: 9 }, BOB)).documents).toEqual([]);
});

it("ignores a tenant in a document's metadata", async () => {
  const { store } = await sharedStore();
  await store.replace(...documentOf("doc", ["words"], { metadata: { "\u001ftenant": "bob" } }), ALICE);
  expect(await search(store, BOB)).toEqual([]);
  expect(await search(store, ALICE)).toEqual(["words"]);
});

it("does not return documents that were stored without a tenant", async () => {
  const { wrapped, store } = await sharedStore();
  await wrapped.replace(...documentOf("doc", ["words of nobody"]));
  expect(await search(store, ALICE)).toEqual([]);
  expect(await store.versions(["doc"], ALICE)).toEqual(new Map());
  expect(await store.remove("doc", ALICE)).toBeUndefined();
});

it.each([undefined, {}, { tenant: "" }])("rejects every call without a tenant: %j", async (call) => {
  const { store } = await sharedStore();
  for (const attempt of [
    () => store.versions(["doc"], call),
    () => store.versions([], call),
    () => store.replace(...documentOf("doc", ["words"]), call),
    () => store.remove("doc", call),
    () => store.list({ limit: 1 }, call),
    () => store.get("doc", { limit: 1 }, call),
    () => store.search({ text: "words", limit: 1 }, call),
    () => store.search({ text: "words", limit: 1, filter: { metadata: {} } }, call),
  ]) {
    await expect(attempt()).rejects.toThrow("has no tenant");
  }
});

it("throws when the wrapped store returns a document of another tenant", async () => {
  const { wrapped } = await sharedStore();
  const hit: Hit = { chunkId: "c", documentId: "alice\u001fdoc", title: "", heading: "", text: "secret", score: 1 };
  const version = { version: "a", chunks: 1 };
  const store = createTenantStore({
    ...wrapped,
    search: async () => [hit],
    versions: async () => new Map([[hit.documentId, version]]),
    get: async () => ({ id: hit.documentId, title: "", topicIds: [], metadata: {}, chunks: 1, content: [] }),
  });
  await expect(store.get("doc", { limit: 1 }, BOB)).rejects.toThrow("another tenant");
  await expect(search(store, BOB)).rejects.toThrow("another tenant");
  await expect(store.versions(["doc"], BOB)).rejects.toThrow("another tenant");
  // "ali" is a prefix of "alice".
  await expect(search(store, { tenant: "ali" })).rejects.toThrow("another tenant");
  expect(await search(store, ALICE)).toEqual(["secret"]);
});
