import { expect, test } from "vitest";
import type { QdrantRequest } from "../../support/qdrant-server.ts";
import { documentOf } from "../sqlite/_sqlite.ts";
import { storeForTest } from "./_qdrant.ts";

const isManifests = ({ method, path }: QdrantRequest) => method === "POST" && path.endsWith("/points");
const isChunks = ({ path }: QdrantRequest) => path.endsWith("/points/scroll");

test("a document of other topics takes the same requests as none at all", async () => {
  const { fake, store } = await storeForTest();
  await store.replace(...documentOf("other", ["one", "two"], { topicIds: [2] }));
  const requestsFor = async (id: string) => {
    fake.requests.length = 0;
    expect(await store.get(id, { limit: 9, filter: { topicIds: [1] } })).toBeUndefined();
    return fake.requests.map(({ method, path }) => `${method} ${path}`);
  };
  const points = "POST /collections/docs/points";
  expect(await requestsFor("other")).toEqual([points, `${points}/scroll`, points]);
  expect(await requestsFor("absent")).toEqual([points, `${points}/scroll`, points]);
});

test("a document that is replaced between the two reads is read again", async () => {
  const { fake, store } = await storeForTest();
  await store.replace(...documentOf("a", ["old"], { title: "old", version: "1" }));
  let replaced = false;
  fake.script = async (request) => {
    if (replaced || !isChunks(request)) return undefined;
    replaced = true;
    await store.replace(...documentOf("a", ["new", "newer"], { title: "new", version: "2" }));
    return undefined;
  };
  const document = await store.get("a", { limit: 9 });
  expect(document).toMatchObject({ title: "new", chunks: 2, content: [{ text: "new" }, { text: "newer" }] });
});

test("a document that is removed between the two reads is not found", async () => {
  const { fake, store } = await storeForTest();
  await store.replace(...documentOf("a", ["old"]));
  let removed = false;
  fake.script = async (request) => {
    if (removed || !isChunks(request)) return undefined;
    removed = true;
    await store.remove("a");
    return undefined;
  };
  expect(await store.get("a", { limit: 9 })).toBeUndefined();
});

test("chunks of a version that was not finished are not given", async () => {
  const { fake, store } = await storeForTest();
  await store.replace(...documentOf("a", ["old"], { title: "old", version: "1" }));
  const isManifest = ({ text }: QdrantRequest) => text.includes('"current":"2"');
  fake.script = (request) => (isManifest(request) ? { status: 400, body: "{}" } : undefined);
  await expect(store.replace(...documentOf("a", ["new", "newer"], { version: "2" }))).rejects.toThrow();
  fake.script = () => undefined;
  expect(await store.get("a", { limit: 9 })).toMatchObject({ title: "old", content: [{ text: "old" }] });
});

test("a document that an earlier version of this program stored has no time", async () => {
  const { fake, store } = await storeForTest();
  await store.replace(...documentOf("a", ["one"]));
  for (const { points } of fake.collections.values())
    for (const { payload } of points.values()) delete payload.updated_at;
  expect(Object.keys((await store.get("a", { limit: 9 })) ?? {})).not.toContain("updatedAt");
  const [listed] = (await store.list({ limit: 9 })).documents;
  expect(listed).toEqual({ id: "a", title: "a", topicIds: [], chunks: 1 });
});

test.each([
  ["no points", {}],
  ["a point that is no chunk", { points: [{ id: "x", payload: { title: 1 } }] }],
  ["a chunk without a position", { points: [{ id: "x", payload: null }] }],
])("a response with %s is an error that names the document", async (_, result) => {
  const { fake, store } = await storeForTest();
  fake.script = (request) =>
    isManifests(request) || !isChunks(request) ? undefined : { status: 200, body: JSON.stringify({ result }) };
  await expect(store.get("a", { limit: 9 })).rejects.toThrow(/reading document "a" in the Qdrant collection "docs"/);
});
