import { describe, expect, test } from "vitest";
import { CursorError } from "#rag/errors.ts";
import type { ListedDocument, ListRequest, VectorStore } from "#rag/ports.ts";
import { documentOf } from "./sqlite/_sqlite.ts";

/** Tests of `list` for every VectorStore. `open` returns an empty store for `CONTENT`. */
export function listContract(name: string, open: () => Promise<VectorStore>): void {
  async function listed(store: VectorStore, request: Partial<ListRequest> = {}): Promise<ListedDocument[]> {
    const documents: ListedDocument[] = [];
    for (let cursor: string | undefined, pages = 0; ; pages++) {
      const page = await store.list({ limit: 3, ...request, ...(cursor !== undefined && { cursor }) });
      documents.push(...page.documents.map(({ updatedAt: _, ...document }) => document));
      expect(page.documents.length).toBeLessThanOrEqual(request.limit ?? 3);
      expect(pages).toBeLessThan(100);
      cursor = page.next;
      if (cursor === undefined) return documents.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    }
  }
  const idsOf = async (...args: Parameters<typeof listed>) => (await listed(...args)).map(({ id }) => id).join(" ");

  describe(`${name} lists documents`, () => {
    test("each with its title, URL, topics and number of chunks", async () => {
      const store = await open();
      const url = "https://example.com/a";
      await store.replace(...documentOf("a", ["one", "two"], { title: "First", url, topicIds: [7, 3] }));
      await store.replace(...documentOf("b", ["three"], { title: "Second" }));
      const [a, ...rest] = await listed(store);
      expect({ ...a, topicIds: a?.topicIds.toSorted() }).toEqual({
        ...{ id: "a", title: "First", url, topicIds: [3, 7], chunks: 2 },
      });
      expect(rest).toEqual([{ id: "b", title: "Second", topicIds: [], chunks: 1 }]);
    });

    test("on as many pages as it takes, each document once", async () => {
      const store = await open();
      const ids = Array.from({ length: 10 }, (_, index) => `document ${index}`);
      for (const id of ids) await store.replace(...documentOf(id, ["one", "two"]));
      for (const limit of [1, 3, 5, 10, 11]) {
        expect((await listed(store, { limit })).map(({ id }) => id)).toEqual(ids);
      }
      expect((await store.list({ limit: 10 })).next).toBeUndefined();
      expect(await listed(await open())).toEqual([]);
    });

    test("in their last version, and not those that were removed", async () => {
      const store = await open();
      await store.replace(...documentOf("a", ["one", "two", "three"], { title: "old" }));
      await store.replace(...documentOf("a", ["one"], { title: "new" }));
      await store.replace(...documentOf("b", ["one"]));
      await store.remove("b");
      expect(await listed(store)).toEqual([{ id: "a", title: "new", topicIds: [], chunks: 1 }]);
    });

    test("whose id begins with a prefix, which is no pattern", async () => {
      const store = await open();
      const ids = ["docs/a", "docs/b/c", "docs", "doc%/a", "Docs/a", "docs/\u{10ffff}", "docs/日本"];
      for (const id of ids) await store.replace(...documentOf(id, ["words"]));
      expect(await idsOf(store, { prefix: "docs/" })).toBe("docs/a docs/b/c docs/日本 docs/\u{10ffff}");
      expect(await idsOf(store, { prefix: "doc%" })).toBe("doc%/a");
      expect(await idsOf(store, { prefix: "absent" })).toBe("");
      expect((await listed(store, { prefix: "" })).length).toBe(ids.length);
    });

    test("that pass a filter", async () => {
      const store = await open();
      await store.replace(...documentOf("a", ["words"], { topicIds: [1], metadata: { lang: "en" } }));
      await store.replace(...documentOf("b", ["words"], { topicIds: [2], metadata: { lang: "en" } }));
      await store.replace(...documentOf("c", ["words"]));
      expect(await idsOf(store, { filter: { topicIds: [1, 2] } })).toBe("a b");
      expect(await idsOf(store, { filter: { topicIds: [1], metadata: { lang: ["en"] } } })).toBe("a");
      expect(await idsOf(store, { filter: { topicIds: [] } })).toBe("");
      expect(await idsOf(store, { filter: { metadata: {} } })).toBe("");
    });

    test("and goes on where the last page ended, also when that document is gone", async () => {
      const store = await open();
      for (const id of ["a", "b", "c", "d"]) await store.replace(...documentOf(id, ["words"]));
      const first = await store.list({ limit: 2 });
      for (const { id } of first.documents) await store.remove(id);
      const { documents: rest } = await store.list({ limit: 9, cursor: first.next ?? "" });
      const all = [...first.documents, ...rest].map(({ id }) => id);
      expect(all.toSorted()).toEqual(["a", "b", "c", "d"]);
    });

    test("a cursor of another list is refused, or changes nothing but where the list begins", async () => {
      const store = await open();
      await store.replace(...documentOf("a", ["words"]));
      const page = await store.list({ limit: 9, cursor: "zzz", prefix: "a" }).catch((error: unknown) => error);
      if (!(page instanceof CursorError)) expect(page).toEqual({ documents: [] });
    });
  });
}
