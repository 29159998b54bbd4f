import { expect, test } from "vitest";
import { createQdrantClient } from "#providers/qdrant/client.ts";
import { deleteUnused } from "#providers/qdrant/reindex/plan.ts";
import { type ReindexOptions, reindex } from "#providers/qdrant/reindex/reindex.ts";
import { createChunker } from "#rag/chunk.ts";
import { createIngest, type NewDocument } from "#rag/ingest.ts";
import type { Embedder, VectorStore } from "#rag/ports.ts";
import type { FakeQdrant } from "../../../support/qdrant-server.ts";
import { hashVector } from "../../_hash-embedder.ts";
import { fakeForTest, openOn } from "../_qdrant.ts";

const chunker = createChunker({ countTokens: (text) => text.length / 4, maxTokens: 20, overlapTokens: 4 });

/** An embedder with a given name and size that records the texts it embeds. */
function modelOf(model: string, dimensions = 32): Embedder & { texts: string[] } {
  const texts: string[] = [];
  return {
    ...{ provider: "test", model, dimensions, texts },
    async embed(requested) {
      texts.push(...requested);
      const vectors = requested.map((text) =>
        Float32Array.from({ length: dimensions }, (_, n) => hashVector(text)[n] ?? 0),
      );
      return { vectors, cacheHits: 0, tokens: requested.length };
    },
  };
}

const documentsOf = (count: number): NewDocument[] =>
  Array.from({ length: count }, (_, n) => ({
    id: `doc-${n}`,
    title: `Title ${n}`,
    url: `https://example.com/${n}`,
    text: `# Animals\n\nThe zebra number ${n} grazes here. ${"It eats grass and more grass all day long. ".repeat(n % 4)}`,
    topicIds: [n % 3],
    metadata: { lang: n % 2 ? "en" : "de" },
  }));

async function indexOf(documents: NewDocument[], embedder = modelOf("hash")) {
  const fake = await fakeForTest();
  const store = await openOn(fake, embedder);
  await createIngest({ chunker, embedder, store })(documents);
  return { fake, store, embedder };
}

const run = (fake: FakeQdrant, embedder: Embedder, options: Partial<ReindexOptions> = {}) =>
  reindex({ client: createQdrantClient(fake), alias: "docs", embedder, ...options });
const pointsOf = ({ collections }: FakeQdrant, name: string) => [...(collections.get(name)?.points.values() ?? [])];
const found = async (store: VectorStore, filter = {}) => {
  const hits = await store.search({ text: "zebra", limit: 1000, filter });
  return [...new Set(hits.map(({ documentId }) => documentId))].toSorted();
};
const ids = (documents: NewDocument[]) => documents.map(({ id }) => id).toSorted();

test("the new index equals an ingestion with the new model, and ingesting again changes nothing", async () => {
  const documents = documentsOf(80);
  const better = modelOf("better", 48);
  const { fake, store } = await indexOf(documents);
  const before = await store.search({ text: "Title 33", limit: 1 });
  const result = await run(fake, better);
  expect(result).toMatchObject({ source: "docs_v1", target: "docs_v2", documents: 80, resumed: false, late: [] });
  expect(result.embedded).toBe(result.chunks);
  expect(fake.aliases).toEqual(new Map([["docs", "docs_v2"]]));
  expect(fake.collections.has("docs_v1")).toBe(true);

  const { fake: other } = await indexOf(documents, modelOf("better", 48));
  const comparable = (at: FakeQdrant, name: string) =>
    pointsOf(at, name)
      .map(({ id, vectors, payload: { stored_at: _, updated_at: __, ...payload } }) => ({ id, vectors, payload }))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  expect(comparable(fake, "docs_v2")).toEqual(comparable(other, "docs_v1"));
  const timesIn = (name: string) => pointsOf(fake, name).flatMap(({ payload }) => payload.updated_at ?? []);
  expect(timesIn("docs_v1")).toHaveLength(80);
  expect(timesIn("docs_v2").toSorted()).toEqual(timesIn("docs_v1").toSorted());

  const opened = await openOn(fake, better);
  expect(await opened.search({ text: "Title 33", limit: 1 })).toEqual(before);
  better.texts.length = 0;
  const again = await createIngest({ chunker, embedder: better, store: opened })(documents);
  expect(new Set(again.documents.map(({ status }) => status))).toEqual(new Set(["unchanged"]));
  expect(better.texts).toEqual([]);
});

test("searches before, during and after the switch see a complete index", async () => {
  const documents = documentsOf(30);
  const { fake, store } = await indexOf(documents);
  let searching = false;
  let searches = 0;
  fake.script = async () => {
    if (searching) return;
    searching = true;
    const reader = fake.aliases.get("docs") === "docs_v1" ? store : await openOn(fake, modelOf("better"));
    expect(await found(reader)).toEqual(ids(documents));
    expect(await found(reader, { topicIds: [1] })).toHaveLength(10);
    searches++;
    searching = false;
  };
  await run(fake, modelOf("better"));
  fake.script = () => undefined;
  expect(searches).toBeGreaterThan(10);
  expect(await found(await openOn(fake, modelOf("better")))).toEqual(ids(documents));
});

test("wherever a run is interrupted, the next one resumes where it stopped", async () => {
  const documents = documentsOf(70);
  const { fake, store } = await indexOf(documents);
  const embedded: string[] = [];
  let runs = 0;
  for (let step = 3; fake.aliases.get("docs") === "docs_v1"; step += 7, runs++) {
    const model = modelOf("better");
    const before = fake.requests.length;
    fake.script = () => (fake.requests.length > before + step ? "reset" : undefined);
    await run(fake, model).catch(() => {});
    fake.script = () => undefined;
    if (fake.aliases.get("docs") === "docs_v1") expect(await found(store)).toEqual(ids(documents));
    embedded.push(...model.texts);
  }
  expect(runs).toBeGreaterThan(2);
  // A batch that was embedded but not stored is embedded twice.
  const chunks = pointsOf(fake, "docs_v2").filter(({ payload }) => "text" in payload).length;
  expect(embedded.length).toBeLessThan(2 * chunks);
  expect(await found(await openOn(fake, modelOf("better")))).toEqual(ids(documents));
});

test("a finished batch is not embedded again", async () => {
  const { fake } = await indexOf(documentsOf(70));
  const first = modelOf("better");
  fake.script = ({ path }) => (path.endsWith("/count") ? { status: 503, body: "" } : undefined);
  await expect(run(fake, first)).rejects.toMatchObject({ status: 503 });
  fake.script = () => undefined;
  const second = modelOf("better");
  expect(await run(fake, second)).toMatchObject({ resumed: true, embedded: 0, documents: 70 });
  expect(first.texts.length).toBeGreaterThan(0);
  expect(second.texts).toEqual([]);
});

test("a stored chunk is not embedded again, even when its document was not finished", async () => {
  const { fake } = await indexOf(documentsOf(10));
  fake.script = ({ method, text }) => (method === "PUT" && text.includes('"vector":{}') ? "reset" : undefined);
  const first = modelOf("better");
  await expect(run(fake, first)).rejects.toThrow();
  fake.script = () => undefined;
  expect(first.texts.length).toBeGreaterThan(10);
  expect(await run(fake, modelOf("better"))).toMatchObject({ resumed: true, embedded: 0, documents: 10 });
});

test("documents that are changed, added or removed during the run are up to date in the new index", async () => {
  const documents = documentsOf(75);
  const { fake, store, embedder } = await indexOf(documents);
  const ingest = createIngest({ chunker, embedder, store });
  const better = modelOf("better");
  const changed = { ...documents[7], id: "doc-7", text: "A giraffe now." };
  const added = { id: "added", text: "An okapi came by." };
  let hasChanged = false;
  await run(fake, better, {
    embedder: {
      ...better,
      async embed(texts) {
        if (!hasChanged) {
          hasChanged = true;
          await ingest([changed, added]);
          for (const id of ["doc-8", "doc-70"]) await store.remove(id);
        }
        return better.embed(texts);
      },
    },
  });
  const opened = await openOn(fake, better);
  const rest = ids(documents).filter((id) => !["doc-7", "doc-8", "doc-70"].includes(id));
  expect(await found(opened)).toEqual(rest);
  expect(
    (await opened.search({ text: "giraffe okapi", limit: 9 })).map(({ documentId }) => documentId).toSorted(),
  ).toEqual(["added", "doc-7"]);
  expect([...(await opened.versions(["doc-8", "doc-70"])).keys()]).toEqual([]);
  const again = await createIngest({ chunker, embedder: better, store: opened })([changed, added]);
  expect(again.documents.map(({ status }) => status)).toEqual(["unchanged", "unchanged"]);
});

test("documents that were removed or changed after an interrupted run copied them are not stale in the new index", async () => {
  const documents = documentsOf(20);
  const { fake, store, embedder } = await indexOf(documents);
  fake.script = ({ path }) => (path.endsWith("/count") ? "reset" : undefined);
  await expect(run(fake, modelOf("better"))).rejects.toThrow();
  fake.script = () => undefined;
  await store.remove("doc-3");
  await createIngest({ chunker, embedder, store })([{ id: "doc-4", text: "A giraffe now." }]);
  expect(await run(fake, modelOf("better"))).toMatchObject({ documents: 19, embedded: 1, late: [] });
  const texts = pointsOf(fake, "docs_v2").map(({ payload }) => `${payload.document_id} ${payload.text ?? ""}`);
  expect(texts.filter((text) => text.startsWith("doc-3 "))).toEqual([]);
  expect(texts.filter((text) => text.startsWith("doc-4 ")).toSorted()).toEqual(["doc-4 ", "doc-4 A giraffe now."]);
});

test("a document whose removal was interrupted is not in the new index", async () => {
  const { fake, store } = await indexOf(documentsOf(10));
  fake.script = ({ path }) => (path.endsWith("/count") ? "reset" : undefined);
  await expect(run(fake, modelOf("better"))).rejects.toThrow();
  fake.script = ({ path }) => (path.includes("/delete") ? "reset" : undefined);
  await expect(store.remove("doc-3")).rejects.toThrow();
  fake.script = () => undefined;
  expect(await run(fake, modelOf("better"))).toMatchObject({ documents: 9, late: [] });
  expect(pointsOf(fake, "docs_v2").filter(({ payload }) => payload.document_id === "doc-3")).toEqual([]);
});

test("a document that changes between the last pass and the switch is reported", async () => {
  const { fake, store, embedder } = await indexOf(documentsOf(5));
  fake.script = async ({ path }) => {
    if (!path.endsWith("/count")) return;
    fake.script = () => undefined;
    await createIngest({ chunker, embedder, store })([{ id: "doc-1", text: "A giraffe now." }]);
    await store.remove("doc-2");
  };
  expect((await run(fake, modelOf("better"))).late.toSorted()).toEqual(["doc-1", "doc-2"]);
});

test("throws and does not switch when documents keep changing", async () => {
  const { fake, store, embedder } = await indexOf(documentsOf(3));
  let count = 0;
  const better = modelOf("better");
  const busy = {
    ...better,
    async embed(texts: readonly string[]) {
      await createIngest({ chunker, embedder, store })([{ id: "busy", text: `Round ${count++}` }]);
      return better.embed(texts);
    },
  };
  await expect(run(fake, busy)).rejects.toThrow(/documents are still changing after 10 passes.*stop the ingestion/s);
  expect(fake.aliases.get("docs")).toBe("docs_v1");
});

test("throws and does not switch when a document lacks chunks, and names it", async () => {
  const { fake } = await indexOf(documentsOf(5));
  const lost = pointsOf(fake, "docs_v1").find(({ payload }) => payload.document_id === "doc-3" && "text" in payload);
  fake.collections.get("docs_v1")?.points.delete(lost?.id ?? "");
  await expect(run(fake, modelOf("better"))).rejects.toThrow(/1 documents .* lack chunks: "doc-3" \(\d of \d\)/);
  expect(fake.aliases.get("docs")).toBe("docs_v1");
});

test("throws and does not switch when the counts do not match", async () => {
  const { fake } = await indexOf(documentsOf(5));
  const headers = { "content-type": "application/json" };
  fake.script = ({ path }) =>
    path.endsWith("/count") ? { status: 200, headers, body: JSON.stringify({ result: { count: 3 } }) } : undefined;
  await expect(run(fake, modelOf("better"))).rejects.toThrow(
    /"docs_v2" has 3 points; expected \d+, for 5 documents with \d+ chunks/,
  );
  expect(fake.aliases.get("docs")).toBe("docs_v1");
});

test("a dry run reports what would be done and writes nothing", async () => {
  const { fake } = await indexOf(documentsOf(10));
  fake.requests.length = 0;
  const model = modelOf("better");
  const plan = { source: "docs_v1", target: "docs_v2", content: { model: "hash", dimensions: 32 }, documents: 10 };
  const result = await run(fake, model, { dryRun: true });
  expect(result).toMatchObject({ ...plan, embedded: result.chunks });
  expect(fake.requests.filter(({ method, path }) => method === "PUT" || /aliases$|delete/.test(path))).toHaveLength(1);
  expect(fake.collections.size).toBe(1);
  expect(model.texts).toEqual([]);
});

test("leaves an index of the configured model alone", async () => {
  const { fake, embedder } = await indexOf(documentsOf(10));
  embedder.texts.length = 0;
  const result = await run(fake, embedder);
  expect(result).toMatchObject({ source: "docs_v1", documents: 10, embedded: 0 });
  expect(result.target).toBeUndefined();
  expect(embedder.texts).toEqual([]);
  expect(fake.collections.size).toBe(1);
});

test("leaves a collection that was begun for another model alone and uses the next number", async () => {
  const { fake } = await indexOf(documentsOf(3));
  fake.script = ({ path }) => (path.endsWith("/count") ? "reset" : undefined);
  await expect(run(fake, modelOf("other"))).rejects.toThrow();
  fake.script = () => undefined;
  expect(await run(fake, modelOf("better"))).toMatchObject({ target: "docs_v3" });
  expect(await deleteUnused(createQdrantClient(fake), "docs")).toEqual(["docs_v1", "docs_v2"]);
  expect([...fake.collections.keys()]).toEqual(["docs_v3"]);
});

test("throws an error that says what to do for a missing alias or a collection in its place", async () => {
  const { fake } = await indexOf(documentsOf(3));
  const client = createQdrantClient(fake);
  const embedder = modelOf("better");
  await expect(reindex({ client, alias: "nothing", embedder })).rejects.toThrow(
    /no Qdrant alias "nothing".*QDRANT_COLL/,
  );
  await expect(reindex({ client, alias: "docs_v1", embedder })).rejects.toThrow(
    /"docs_v1" is a Qdrant collection, not an alias.*QDRANT_COLLECTION=NEW_NAME npm run reindex -- --from docs_v1/,
  );
  await expect(reindex({ client, alias: "docs", from: "docs_v1", embedder })).rejects.toThrow(
    /already points to "docs_v1"/,
  );
  await expect(reindex({ client, alias: "new", from: "gone", embedder })).rejects.toThrow(
    /no Qdrant collection "gone"/,
  );
  expect(await reindex({ client, alias: "new", from: "docs_v1", embedder })).toMatchObject({ target: "new_v1" });
  expect(fake.aliases.get("new")).toBe("new_v1");
  expect(await found(await openOn(fake, { ...embedder, collection: "new" }))).toHaveLength(3);
});
