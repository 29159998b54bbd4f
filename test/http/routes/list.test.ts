import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Access } from "#http/app.ts";
import { addDocumentRoutes } from "#http/routes/documents.ts";
import { createTenantStore } from "#providers/wrappers/tenant-store.ts";
import type { VectorStore } from "#rag/ports.ts";
import { fakeForTest, openOn } from "../../providers/qdrant/_qdrant.ts";
import { documentOf, newStore } from "../../providers/sqlite/_sqlite.ts";
import { send, TRACE, testApp } from "../_app.ts";

const keyOf = (key: string, tenant: string, topicIds?: number[]) => ({
  tenant,
  sha256: createHash("sha256").update(key).digest("hex"),
  ...(topicIds && { topicIds }),
});
const bearer = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });

function appOn(store: VectorStore, access?: Access) {
  const { app, routes } = testApp(access);
  addDocumentRoutes(app, store);
  const list = async (query = "", init: RequestInit = {}) => {
    const response = await send(app, `/embed${query}`, init);
    // biome-ignore lint/suspicious/noExplicitAny: checked by the tests
    return { status: response.status, body: (await response.json()) as any };
  };
  return { list, routes };
}

async function threeDocuments() {
  const { store } = await newStore();
  await store.replace(...documentOf("a/1", ["one", "two"], { title: "A", url: "https://e.org/1", topicIds: [1] }));
  await store.replace(...documentOf("a/2", ["words"], { topicIds: [2, 1] }));
  await store.replace(...documentOf("b", ["words"]));
  return store;
}

describe("GET /embed", () => {
  it("lists documents, page by page", async () => {
    const { list, routes } = appOn(await threeDocuments());
    const first = await list("?limit=2");
    expect(first.body).toEqual({
      documents: [
        { id: "a/1", title: "A", url: "https://e.org/1", topic_ids: [1], chunks: 2, updated_at: expect.any(String) },
        { id: "a/2", title: "a/2", topic_ids: [1, 2], chunks: 1, updated_at: expect.any(String) },
      ],
      next_cursor: expect.stringMatching(/^[\w-]+$/),
      trace_id: TRACE.traceId,
    });
    const second = await list(`?limit=2&cursor=${first.body.next_cursor}`);
    expect(second.body).toEqual({
      documents: [{ id: "b", title: "b", topic_ids: [], chunks: 1, updated_at: expect.any(String) }],
      trace_id: TRACE.traceId,
    });
    expect(routes).toEqual(["/embed", "/embed"]);
  });

  it("lists those with a prefix and with any of the topics", async () => {
    const { list } = appOn(await threeDocuments());
    const ids = async (query: string) => (await list(query)).body.documents.map(({ id }: { id: string }) => id);
    expect(await ids("?prefix=a%2F")).toEqual(["a/1", "a/2"]);
    expect(await ids("?topic=2&topic=9")).toEqual(["a/2"]);
    expect(await ids("?topic=9")).toEqual([]);
    expect(await ids("?prefix=b&topic=1")).toEqual([]);
  });

  it.each([
    ["?limit=0", "/limit"],
    ["?limit=501", "/limit"],
    ["?limit=many", "/limit"],
    ["?limit=", "/limit"],
    ["?limit=1e1", "/limit"],
    ["?topic=x", "/topic/0"],
    ["?topic=", "/topic/0"],
    [`?prefix=${"x".repeat(513)}`, "/prefix"],
    ["?prefx=a", "/prefx"],
    [`?${"topic=1&".repeat(101)}`, "/topic"],
  ])("refuses %s", async (query, path) => {
    const { list } = appOn(await threeDocuments());
    const { status, body } = await list(query);
    expect(status).toBe(400);
    expect(body).toMatchObject({ stage: "validation", errors: [{ path }] });
  });

  it("refuses a cursor that the store did not return", async () => {
    const { list } = appOn(await openOn(await fakeForTest()));
    const { status, body } = await list("?cursor=eA");
    expect(status).toBe(400);
    expect(body).toMatchObject({ errors: [{ path: "/cursor" }] });
  });

  it("says that the store is unavailable, without its message", async () => {
    const { store } = await newStore();
    const { list } = appOn({ ...store, list: () => Promise.reject(new Error("SECRET")) });
    const { status, body } = await list();
    expect(status).toBe(503);
    expect(body.detail).toBe("The document store is unavailable.");
  });
});

describe("GET /embed with keys", () => {
  it("lists the documents of the key's tenant, and for a read-only key those of its topics", async () => {
    const { store } = await newStore();
    const shared = createTenantStore(store);
    for (const tenant of ["acme", "other"]) {
      await shared.replace(...documentOf("x", [`words of ${tenant}`], { topicIds: [1, 2] }), { tenant });
      await shared.replace(...documentOf(`y of ${tenant}`, ["words"], { topicIds: [3] }), { tenant });
    }
    const keys = [keyOf("writer", "acme"), keyOf("reader", "acme", [1])];
    const { list } = appOn(shared, { keys, corsOrigins: [] });
    const all = await list("", bearer("writer"));
    expect(all.body.documents).toEqual([
      { id: "x", title: "x", topic_ids: [1, 2], chunks: 1, updated_at: expect.any(String) },
      { id: "y of acme", title: "y of acme", topic_ids: [3], chunks: 1, updated_at: expect.any(String) },
    ]);
    const some = await list("?topic=1&topic=3", bearer("reader"));
    expect(some.body.documents).toEqual([
      { id: "x", title: "x", topic_ids: [1], chunks: 1, updated_at: expect.any(String) },
    ]);
    expect((await list("?topic=3", bearer("reader"))).body.documents).toEqual([]);
    expect((await list("", {})).status).toBe(401);
    const cursor = Buffer.from("other\u001f").toString("base64url");
    expect(JSON.stringify((await list(`?cursor=${cursor}`, bearer("writer"))).body)).not.toContain("y of other");
  });
});
