import { describe, expect, test } from "vitest";
import type { DocumentRequest, VectorStore } from "#rag/ports.ts";
import { documentOf } from "./sqlite/_sqlite.ts";

/** Tests of `get` for every VectorStore. `open` returns an empty store for `CONTENT`. */
export function getContract(name: string, open: () => Promise<VectorStore>): void {
  /** The positions of the chunks that are returned; `undefined` where there is no document. */
  async function positions(store: VectorStore, id: string, request: Partial<DocumentRequest> = {}) {
    return (await store.get(id, { limit: 9, ...request }))?.content.map(({ position }) => position);
  }

  describe(`${name} gives a document`, () => {
    test("with all of its fields and its chunks, and when it was stored", async () => {
      const store = await open();
      const started = Date.now();
      const fields = { title: "First", url: "https://example.com/a", heading: "Starts > Cold", topicIds: [7, 3] };
      const metadata = { lang: "en", year: 2020, draft: false, "1": "1" };
      await store.replace(...documentOf("a/b ü.md", ["one", "two"], { ...fields, metadata }));
      const { updatedAt, topicIds, ...document } = (await store.get("a/b ü.md", { limit: 9 })) ?? {};
      expect(document).toEqual({
        ...{ id: "a/b ü.md", title: "First", url: "https://example.com/a", chunks: 2, metadata },
        content: [
          { id: "a/b ü.md#0", position: 0, heading: "Starts > Cold", text: "one" },
          { id: "a/b ü.md#1", position: 1, heading: "Starts > Cold", text: "two" },
        ],
      });
      expect(topicIds?.toSorted()).toEqual([3, 7]);
      expect(updatedAt).toBeGreaterThanOrEqual(started);
      expect(updatedAt).toBeLessThanOrEqual(Date.now());
      expect((await store.list({ limit: 1 })).documents[0]?.updatedAt).toBe(updatedAt);
    });

    test("without a URL, where it has none", async () => {
      const store = await open();
      await store.replace(...documentOf("a", ["one"]));
      expect(Object.keys((await store.get("a", { limit: 1 })) ?? { url: "" })).not.toContain("url");
    });

    test("with some of its chunks, in their order", async () => {
      const store = await open();
      const texts = Array.from({ length: 150 }, (_, index) => `part ${index}`);
      await store.replace(...documentOf("a", texts));
      await store.replace(...documentOf("b", texts));
      expect(await positions(store, "a", { limit: 3 })).toEqual([0, 1, 2]);
      expect(await positions(store, "a", { from: 1, limit: 3 })).toEqual([1, 2, 3]);
      expect(await positions(store, "a", { from: 148, limit: 3 })).toEqual([148, 149]);
      expect(await positions(store, "a", { limit: 200 })).toEqual(Array.from(texts.keys()));
      const beyond = await store.get("a", { from: 150, limit: 3 });
      expect(beyond).toMatchObject({ id: "a", title: "a", chunks: 150, content: [] });
    });

    test("in its last version, and not once it is removed", async () => {
      const store = await open();
      await store.replace(...documentOf("a", ["one", "two", "three"], { title: "old" }));
      await store.replace(...documentOf("a", ["new"], { title: "new" }));
      expect(await store.get("a", { limit: 9 })).toMatchObject({ title: "new", chunks: 1, content: [{ text: "new" }] });
      await store.remove("a");
      expect(await store.get("a", { limit: 9 })).toBeUndefined();
    });

    test("only of exactly this id", async () => {
      const store = await open();
      await store.replace(...documentOf("docs/a", ["words"]));
      for (const id of ["docs", "docs/", "docs/A", "docs/a ", "%", "", "docs/a/b"]) {
        expect(await store.get(id, { limit: 9 }), id).toBeUndefined();
      }
    });

    test("only if it has chunks, as in a list", async () => {
      const store = await open();
      await store.replace(...documentOf("empty", []));
      expect(await store.get("empty", { limit: 9 })).toBeUndefined();
      expect((await store.list({ limit: 9 })).documents).toEqual([]);
    });

    test("only if it passes the filter", async () => {
      const store = await open();
      await store.replace(...documentOf("a", ["one", "two"], { topicIds: [1, 2], metadata: { lang: "en" } }));
      await store.replace(...documentOf("b", ["words"]));
      expect(await positions(store, "a", { filter: { topicIds: [2, 3] } })).toEqual([0, 1]);
      expect(await positions(store, "a", { filter: { topicIds: [2], metadata: { lang: ["en", "de"] } } })).toEqual([
        0, 1,
      ]);
      expect(await positions(store, "a", { filter: { topicIds: [3] } })).toBeUndefined();
      expect(await positions(store, "a", { filter: { topicIds: [] } })).toBeUndefined();
      expect(await positions(store, "a", { filter: { metadata: {} } })).toBeUndefined();
      expect(await positions(store, "a", { filter: { metadata: { lang: ["de"] } } })).toBeUndefined();
      expect(await positions(store, "b", { filter: { topicIds: [1] } })).toBeUndefined();
    });
  });
}
