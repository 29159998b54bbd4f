import { expect, test } from "vitest";
import { createSqliteStore } from "#providers/sqlite/store.ts";
import { documentOf, newStore, openForTest, temporaryFolder } from "./_sqlite.ts";

test("a document has its metadata, and the chunks that were asked for", async () => {
  const { store } = await newStore();
  const metadata = { lang: "en", year: 2020, draft: false };
  await store.replace(...documentOf("a", ["one", "two", "three"], { topicIds: [1], metadata }));
  expect(await store.get("a", { from: 1, limit: 1, filter: { topicIds: [1] } })).toEqual({
    ...{ id: "a", title: "a", topicIds: [1], chunks: 3, updatedAt: expect.any(Number), metadata },
    content: [{ id: "a#1", position: 1, heading: "", text: "two" }],
  });
  expect(await store.get("a", { limit: 1, filter: { topicIds: [2] } })).toBeUndefined();
  expect(await store.get("b", { limit: 1 })).toBeUndefined();
});

test("a document is as new as its last version", async () => {
  const database = await openForTest();
  let now = 1_000;
  const store = createSqliteStore(database, { now: () => now });
  await store.replace(...documentOf("a", ["one"]));
  now = 2_000;
  await store.replace(...documentOf("a", ["two"]));
  expect(await store.get("a", { limit: 1 })).toMatchObject({ updatedAt: 2_000 });
  expect((await store.list({ limit: 1 })).documents).toMatchObject([{ updatedAt: 2_000 }]);
});

test("a file of an earlier version is read and written; its documents have no time until they change", async () => {
  const path = `${temporaryFolder()}/store.db`;
  const earlier = await openForTest({ path });
  await createSqliteStore(earlier).replace(...documentOf("old", ["words"]));
  earlier.exec("ALTER TABLE documents DROP COLUMN updated_at");
  earlier.close();

  const [one, other] = await Promise.all([openForTest({ path }), openForTest({ path })]);
  const store = createSqliteStore(one);
  expect(await store.get("old", { limit: 1 })).toEqual({
    ...{ id: "old", title: "old", topicIds: [], chunks: 1, metadata: {} },
    content: [{ id: "old#0", position: 0, heading: "", text: "words" }],
  });
  expect((await store.list({ limit: 1 })).documents).toEqual([{ id: "old", title: "old", topicIds: [], chunks: 1 }]);
  await createSqliteStore(other).replace(...documentOf("old", ["new words"]));
  expect(await store.get("old", { limit: 1 })).toMatchObject({ updatedAt: expect.any(Number) });
});
