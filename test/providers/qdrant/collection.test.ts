import { expect, test } from "vitest";
import { pointAlias } from "#providers/qdrant/alias.ts";
import { createQdrantClient } from "#providers/qdrant/client.ts";
import { createCollection, denseName } from "#providers/qdrant/collection.ts";
import { QdrantError } from "#providers/qdrant/error.ts";
import type { Payload } from "../../support/qdrant-filter.ts";
import { CONTENT } from "../_store-contract.ts";
import { documentOf } from "../sqlite/_sqlite.ts";
import { fakeForTest, openOn } from "./_qdrant.ts";

const DENSE = denseName(CONTENT);

test("the first start creates the collection, its indexes and the alias", async () => {
  const fake = await fakeForTest();
  await openOn(fake);
  expect(fake.aliases).toEqual(new Map([["docs", "docs_v1"]]));
  expect(fake.collections.get("docs_v1")?.info).toMatchObject({
    config: {
      metadata: { model: "hash", layout: 3 },
      params: {
        vectors: { [DENSE]: { size: 32, distance: "Cosine" } },
        sparse_vectors: { bm25: { modifier: "idf" } },
      },
    },
    payload_schema: {
      document_id: { data_type: "keyword" },
      version: { data_type: "keyword" },
      position: { data_type: "integer" },
      stored_at: { data_type: "integer" },
      topic_ids: { data_type: "integer" },
      metadata: { data_type: "keyword" },
    },
  });
});

test("a later start sends one request and writes nothing", async () => {
  const fake = await fakeForTest();
  await openOn(fake);
  fake.requests.length = 0;
  await openOn(fake);
  expect(fake.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(["GET /collections/docs"]);
});

test("a start completes a collection of an earlier version, which had no index for the list of documents", async () => {
  const fake = await fakeForTest();
  await openOn(fake);
  const indexes = fake.collections.get("docs_v1")?.info.payload_schema as Payload | undefined;
  delete indexes?.position;
  await openOn(fake);
  expect(fake.collections.get("docs_v1")?.info.payload_schema).toHaveProperty("position");
});

test("concurrent starts all succeed", async () => {
  const fake = await fakeForTest();
  await Promise.all([openOn(fake), openOn(fake), openOn(fake)]);
  expect([...fake.collections.keys()]).toEqual(["docs_v1"]);
});

test("a start that was interrupted at any step is completed by the next one", async () => {
  for (let step = 0; ; step++) {
    const fake = await fakeForTest();
    fake.script = () => (fake.requests.length > step ? { status: 500, body: "" } : undefined);
    const first = await openOn(fake).catch((error: unknown) => error);
    fake.script = () => undefined;
    const store = await openOn(fake);
    await store.replace(...documentOf("a", ["words"]));
    expect(fake.aliases.get("docs")).toBe("docs_v1");
    expect(Object.keys(fake.collections.get("docs_v1")?.info.payload_schema ?? {})).toHaveLength(6);
    if (!(first instanceof Error)) break;
    expect(first).toBeInstanceOf(QdrantError);
    expect(step).toBeLessThan(20);
  }
});

test.each([
  ["another model", { ...CONTENT, model: "other" }],
  ["another size", { ...CONTENT, dimensions: 64 }],
])("%s than the collection's is an error that names both", async (_, content) => {
  const fake = await fakeForTest();
  await openOn(fake);
  const before = fake.requests.length;
  await expect(openOn(fake, content)).rejects.toMatchObject({
    name: "QdrantError",
    code: "collection_mismatch",
    message: expect.stringContaining(
      `"docs" holds vectors of hash with 32 dimensions, and the configured model is ${content.model} with ${content.dimensions}`,
    ),
  });
  expect(fake.requests).toHaveLength(before + 1);
});

test.each([
  ["without a model", { vectors: { [DENSE]: { size: 32, distance: "Cosine" } } }],
  ["with one unnamed vector", { vectors: { size: 32, distance: "Cosine" }, metadata: { model: "hash", layout: 3 } }],
  [
    "with another distance",
    {
      vectors: { [DENSE]: { size: 32, distance: "Dot" } },
      sparse_vectors: { bm25: { modifier: "idf" } },
      metadata: { model: "hash", layout: 3 },
    },
  ],
  [
    "of another layout",
    {
      vectors: { [DENSE]: { size: 32, distance: "Cosine" } },
      sparse_vectors: { bm25: { modifier: "idf" } },
      metadata: { model: "hash", layout: 4 },
    },
  ],
])("rejects a collection %s as not ours", async (_, config) => {
  const fake = await fakeForTest();
  await fetch(`${fake.url}/collections/docs`, { method: "PUT", body: JSON.stringify(config) });
  await expect(openOn(fake)).rejects.toMatchObject({ code: "collection_mismatch", message: /another program/ });
});

test("another collection can be built in parallel, and the alias switched to it", async () => {
  const fake = await fakeForTest();
  const store = await openOn(fake);
  await store.replace(...documentOf("old", ["words"]));
  const client = createQdrantClient(fake);
  await createCollection(client, "docs_v2", { model: "better", dimensions: 64 });
  expect((await store.versions(["old"])).size).toBe(1);
  await pointAlias(client, "docs", "docs_v2");
  expect((await store.versions(["old"])).size).toBe(0);
  await openOn(fake, { model: "better", dimensions: 64 });
  await expect(openOn(fake)).rejects.toMatchObject({ code: "collection_mismatch" });
});
