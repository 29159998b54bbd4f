import { expect, test } from "vitest";
import { documentOf } from "../sqlite/_sqlite.ts";
import { storeForTest } from "./_qdrant.ts";

test("a document whose new version is not complete is listed in its old one", async () => {
  const { fake, store } = await storeForTest();
  await store.replace(...documentOf("a", ["one", "two"], { title: "old", version: "1" }));
  const isManifest = ({ text }: { text: string }) => text.includes('"current":"2"');
  fake.script = (request) => (isManifest(request) ? { status: 400, body: "{}" } : undefined);
  await expect(store.replace(...documentOf("a", ["one"], { title: "new", version: "2" }))).rejects.toThrow();
  fake.script = () => undefined;
  expect(await store.list({ limit: 9 })).toEqual({
    documents: [{ id: "a", title: "old", topicIds: [], chunks: 2, updatedAt: expect.any(Number) }],
  });
});

test("a page ends after ten requests without a match, and the next one goes on", async () => {
  const { fake, store } = await storeForTest();
  for (let index = 0; index < 30; index++) await store.replace(...documentOf(`other/${index}`, ["words"]));
  fake.requests.length = 0;
  const page = await store.list({ limit: 1, prefix: "mine/" });
  expect(page).toEqual({ documents: [], next: expect.any(String) });
  expect(fake.requests.filter(({ path }) => path.includes("/scroll"))).toHaveLength(10);
  for (let next = page.next; next !== undefined; ) {
    const rest = await store.list({ limit: 1, prefix: "mine/", cursor: next });
    expect(rest.documents).toEqual([]);
    next = rest.next;
  }
});
