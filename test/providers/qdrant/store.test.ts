import { expect, test } from "vitest";
import { denseName } from "#providers/qdrant/collection.ts";
import type { VectorStore } from "#rag/ports.ts";
import type { FakeQdrant, QdrantRequest } from "../../support/qdrant-server.ts";
import { hashVector } from "../_hash-embedder.ts";
import { CONTENT } from "../_store-contract.ts";
import { documentOf } from "../sqlite/_sqlite.ts";
import { openOn, storeForTest } from "./_qdrant.ts";

const HOUR = 60 * 60 * 1000;
const OLD = documentOf("a", ["zebra one", "zebra two", "zebra three"], { version: "old" });
const NEW = documentOf("a", ["giraffe one", "giraffe two"], { version: "new" });

const texts = async (store: VectorStore) =>
  (await store.search({ text: "zebra giraffe", vector: hashVector("one"), limit: 50 }))
    .map(({ text }) => text)
    .toSorted();
const textsOf = ([, chunks]: typeof OLD) => chunks.map(({ text }) => text).toSorted();
const versionOf = async (store: VectorStore) => (await store.versions(["a"])).get("a")?.version;
const pointsOf = ({ collections }: FakeQdrant) => [...(collections.get("docs_v1")?.points.values() ?? [])];
const isWrite = ({ method, path }: QdrantRequest) => method === "PUT" || path.includes("/delete");

test("a document is stored as its chunks and a manifest, with the same ids each time", async () => {
  const { fake, store } = await storeForTest();
  await store.replace(...OLD);
  const ids = pointsOf(fake).map(({ id }) => id);
  expect(ids).toHaveLength(4);
  for (const id of ids) expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  await store.replace(...OLD);
  expect(pointsOf(fake).map(({ id }) => id)).toEqual(ids);
  await store.replace(...NEW);
  expect(pointsOf(fake)).toHaveLength(3);
  await store.remove("a");
  expect(pointsOf(fake)).toEqual([]);
});

test("splits many chunks into several requests", async () => {
  const { fake, store } = await storeForTest();
  await store.replace(
    ...documentOf(
      "a",
      Array.from({ length: 130 }, (_, n) => `part ${n}`),
    ),
  );
  const upserts = fake.requests.filter(({ path }) => path.startsWith("/collections/docs/points?"));
  expect(upserts.map(({ text }) => (JSON.parse(text) as { points: [] }).points.length)).toEqual([64, 64, 2, 1]);
  for (const { path } of upserts) expect(path).toContain("wait=true");
});

test("a concurrent reader sees either the old document or the new one, complete", async () => {
  const { fake, store } = await storeForTest();
  const reader = await openOn(fake);
  await store.replace(...OLD);
  const seen: [version: string | undefined, texts: string[]][] = [];
  fake.script = async (request) => {
    if (isWrite(request)) seen.push([await versionOf(reader), await texts(reader)]);
    return undefined;
  };
  await store.replace(...NEW);
  const old = ["old", textsOf(OLD)];
  expect(seen).toEqual([old, old, ["new", textsOf(NEW)]]);
  expect(await texts(reader)).toEqual(textsOf(NEW));
});

test("wherever a writer dies, the old or the new document is complete, and the next attempt leaves nothing stale", async () => {
  for (let step = 0; step < 4; step++) {
    const { fake, store } = await storeForTest();
    await store.replace(...OLD);
    const before = fake.requests.length;
    fake.script = () => (fake.requests.length > before + step ? { status: 500, body: "" } : undefined);
    await expect(store.replace(...NEW)).rejects.toMatchObject({ status: 500 });
    fake.script = () => undefined;
    const isNew = step === 3;
    expect(await versionOf(store)).toBe(isNew ? "new" : "old");
    expect(await texts(store)).toEqual(textsOf(isNew ? NEW : OLD));
    await store.replace(...NEW);
    expect(await texts(store)).toEqual(textsOf(NEW));
    expect(pointsOf(fake)).toHaveLength(3);
  }
});

test("wherever a removal is interrupted, the next one completes it", async () => {
  for (let step = 0; step < 4; step++) {
    const { fake, store } = await storeForTest();
    await store.replace(...OLD);
    const before = fake.requests.length;
    fake.script = () => (fake.requests.length > before + step ? "reset" : undefined);
    await expect(store.remove("a")).rejects.toThrow(/"docs" failed: /);
    fake.script = () => undefined;
    expect(await texts(store)).toEqual(step < 2 ? textsOf(OLD) : []);
    expect(await versionOf(store)).toBe(step < 2 ? "old" : undefined);
    expect(await store.remove("a")).toBe(3);
    expect(pointsOf(fake)).toEqual([]);
  }
});

test("a document whose removal was interrupted can be stored again", async () => {
  const { fake, store } = await storeForTest();
  await store.replace(...OLD);
  fake.script = ({ path }) => (path.includes("/delete") ? "reset" : undefined);
  await expect(store.remove("a")).rejects.toThrow();
  fake.script = () => undefined;
  await store.replace(...OLD);
  expect(await texts(store)).toEqual(textsOf(OLD));
  expect(await store.remove("a")).toBe(3);
  expect(pointsOf(fake)).toEqual([]);
});

/** Runs `other` before the writer's write request number `at`, from 0. */
async function interleave(fake: FakeQdrant, at: number, writer: () => Promise<unknown>, other: () => Promise<unknown>) {
  let writes = 0;
  fake.script = async (request) => {
    if (isWrite(request) && writes++ === at) {
      fake.script = () => undefined;
      await other();
    }
    return undefined;
  };
  await writer();
  fake.script = () => undefined;
}

test("two concurrent writers leave one complete document, in any order", async () => {
  const third = documentOf("a", ["zebra four", "giraffe five"], { version: "third" });
  const candidates = { old: OLD, new: NEW, third };
  for (const first of [undefined, OLD]) {
    for (const other of [NEW, OLD, third]) {
      for (let at = 0; at < 3; at++) {
        const { fake, store } = await storeForTest();
        if (first) await store.replace(...first);
        await interleave(
          fake,
          at,
          () => store.replace(...third),
          () => store.replace(...other),
        );
        const version = (await versionOf(store)) as keyof typeof candidates;
        expect(await texts(store)).toEqual(textsOf(candidates[version]));
      }
    }
  }
});

test("a concurrent writer and remover leave the complete document or nothing", async () => {
  for (let at = 0; at < 3; at++) {
    const { fake, store } = await storeForTest();
    await store.replace(...OLD);
    await interleave(
      fake,
      at,
      () => store.replace(...NEW),
      () => store.remove("a"),
    );
    const version = await versionOf(store);
    expect(await texts(store)).toEqual(version === "new" ? textsOf(NEW) : []);
  }
});

test("deletes what dead writers have left after an hour", async () => {
  let time = Date.now();
  const { fake, store } = await storeForTest({ now: () => time });
  fake.script = ({ text }) => (text.includes('"current"') && text.includes('"vector"') ? "reset" : undefined);
  await expect(store.replace(...OLD)).rejects.toThrow();
  fake.script = () => undefined;
  await store.replace(...NEW);
  expect(pointsOf(fake)).toHaveLength(2 + 1 + 3);
  expect(await texts(store)).toEqual(textsOf(NEW));
  time += HOUR + 1;
  await store.replace(...NEW);
  expect(pointsOf(fake)).toHaveLength(2 + 1);
});

test("sends no request for an empty condition, a limit of 0 or an empty question", async () => {
  const { fake, store } = await storeForTest();
  await store.replace(...OLD);
  fake.requests.length = 0;
  const question = { text: "zebra", vector: hashVector("zebra"), limit: 5 };
  for (const filter of [{ topicIds: [] }, { topicIds: [1.5] }, { metadata: {} }, { metadata: { a: ["b"], c: [] } }]) {
    expect(await store.search({ ...question, filter })).toEqual([]);
  }
  expect(await store.search({ ...question, limit: 0 })).toEqual([]);
  expect(await store.search({ text: "?", vector: new Float32Array(0), limit: 5 })).toEqual([]);
  expect(fake.requests).toEqual([]);
});

test("a search sends two requests: dense and sparse fused with the same filter, then the manifests", async () => {
  const { fake, store } = await storeForTest();
  await store.replace(...documentOf("a", ["zebra"], { topicIds: [7] }));
  fake.requests.length = 0;
  await store.search({ text: "zebra", vector: hashVector("zebra"), limit: 5, filter: { topicIds: [7] } });
  expect(fake.requests.map(({ path }) => path)).toEqual([
    "/collections/docs/points/query/batch",
    "/collections/docs/points",
  ]);
  const filter = { must: [{ key: "topic_ids", match: { any: [7] } }] };
  const fused = {
    prefetch: [
      { using: denseName(CONTENT), filter, limit: 30 },
      { using: "bm25", filter, limit: 30 },
    ],
    query: { fusion: "rrf" },
    limit: 5,
  };
  const { searches } = JSON.parse(fake.requests[0]?.text ?? "") as { searches: unknown[] };
  expect(searches).toMatchObject([fused, { prefetch: fused, using: denseName(CONTENT), limit: 5 }]);
});

test("with `similarities: false` no cosines are requested, and the vector is sent once", async () => {
  const { fake, store } = await storeForTest({ similarities: false });
  await store.replace(...OLD);
  const hits = await store.search({ text: "zebra one", vector: hashVector("zebra one"), limit: 2 });
  expect(hits.map((hit) => [hit.text, "similarity" in hit])).toEqual([
    ["zebra one", false],
    [expect.any(String), false],
  ]);
  const { searches } = JSON.parse(fake.requests.find(({ path }) => path.includes("/query/batch"))?.text ?? "");
  expect(searches).toMatchObject([{ query: { fusion: "rrf" } }]);
});

test("the store has its system, collection and address", async () => {
  const { store } = await storeForTest();
  expect(store).toMatchObject({ system: "qdrant", collection: "docs", address: "127.0.0.1" });
});
