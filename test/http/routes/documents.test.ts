import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Access } from "#http/app.ts";
import { toResult } from "#http/lambda/result.ts";
import { addDocumentRoutes } from "#http/routes/documents.ts";
import { createTenantStore } from "#providers/wrappers/tenant-store.ts";
import type { VectorStore } from "#rag/ports.ts";
import { documentOf, newStore } from "../../providers/sqlite/_sqlite.ts";
import { send, TRACE, testApp } from "../_app.ts";

const sha256 = (key: string) => createHash("sha256").update(key).digest("hex");
const bearer = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });

function appOn(store: Pick<VectorStore, "list" | "get">, access?: Access) {
  const { app, routes } = testApp(access);
  addDocumentRoutes(app, store);
  const get = async (path: string, init: RequestInit = {}) => {
    const response = await send(app, `/embed/${path}`, init);
    // biome-ignore lint/suspicious/noExplicitAny: checked by the tests
    return { status: response.status, body: (await response.json()) as any };
  };
  return { app, get, routes };
}

async function storeOf(...documents: Parameters<typeof documentOf>[]) {
  const { store } = await newStore();
  for (const document of documents) await store.replace(...documentOf(...document));
  return store;
}

describe("GET /embed/{document_id}", () => {
  it("gives the document with its chunks", async () => {
    const fields = { title: "A", url: "https://e.org/1", topicIds: [2, 1], metadata: { lang: "en" }, heading: "H" };
    const { get, routes } = appOn(await storeOf(["a", ["one", "two"], fields]));
    const { status, body } = await get("a");
    expect(status).toBe(200);
    expect(body).toEqual({
      ...{ id: "a", title: "A", url: "https://e.org/1", topic_ids: [1, 2], chunks: 2, metadata: { lang: "en" } },
      updated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      content: [
        { chunk_id: "a#0", position: 0, heading: "H", text: "one" },
        { chunk_id: "a#1", position: 1, heading: "H", text: "two" },
      ],
      trace_id: TRACE.traceId,
    });
    expect(routes).toEqual(["/embed/{document_id}"]);
  });

  it.each([
    ["docs/a.md", "docs/a.md"],
    ["docs%2Fa.md", "docs/a.md"],
    ["%E6%97%A5%E6%9C%AC%20%23%3F", "日本 #?"],
    ["a%2525b", "a%25b"],
    ["a...b/..c", "a...b/..c"],
  ])("finds the id of %s", async (path, id) => {
    const { get } = appOn(await storeOf([id, ["words"]]));
    expect((await get(path)).body.id).toBe(id);
  });

  it("gives its chunks page by page", async () => {
    const { get } = appOn(await storeOf(["a", ["one", "two", "three"]], ["b", ["other"]]));
    const first = await get("a?limit=2");
    expect(first.body.content).toHaveLength(2);
    const second = await get(`a?limit=2&cursor=${first.body.next_cursor}`);
    expect(second.body.content).toMatchObject([{ position: 2, text: "three" }]);
    expect(second.body).not.toHaveProperty("next_cursor");
    expect((await get("a?limit=3")).body).not.toHaveProperty("next_cursor");
    // The document is shorter than when the cursor was made.
    expect((await get(`b?cursor=${first.body.next_cursor}`)).body).toMatchObject({ id: "b", chunks: 1, content: [] });
  });

  it.each([
    ["a?limit=0", "/limit"],
    ["a?limit=501", "/limit"],
    ["a?limit=x", "/limit"],
    ["a?cursor=MQ%3D%3D", "/cursor"],
    [`a?cursor=${Buffer.from("-1").toString("base64url")}`, "/cursor"],
    [`a?cursor=${Buffer.from("1e3").toString("base64url")}`, "/cursor"],
    ["a?cursor=", "/cursor"],
    ["a?prefix=a", "/prefix"],
    ["..%2fa", "/document_id"],
  ])("refuses %s", async (path, at) => {
    const { status, body } = await appOn(await storeOf(["a", ["one"]])).get(path);
    expect(status).toBe(400);
    expect(body).toMatchObject({ stage: "validation", errors: [{ path: at }] });
  });

  it("stays within what a function may return, however much its chunks have", async () => {
    const texts = Array.from({ length: 500 }, (_, index) => `${index} ${'"\u0001\\'.repeat(4_000)}`);
    const { app, get } = appOn(await storeOf(["a", texts]));
    let [path, seen] = ["a?limit=500", 0];
    for (let pages = 0; seen < 500; pages++) {
      expect(pages).toBeLessThan(100);
      const result = await toResult(await send(app, `/embed/${path}`));
      expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThan(6_000_000);
      const { content, next_cursor } = (await get(path)).body;
      expect(content[0].position).toBe(seen);
      expect(content.at(-1).text.length).toBeLessThanOrEqual(10_000);
      seen += content.length;
      path = `a?limit=500&cursor=${next_cursor}`;
    }
  });

  it("is 404 for no document, 405 for another method, and 503 when the store fails, without its message", async () => {
    const { app, get } = appOn(await storeOf(["a", ["one"]]));
    const absent = await get("b");
    expect([absent.status, absent.body.detail]).toEqual([404, 'There is no document "b".']);
    expect(absent.body).not.toHaveProperty("stage");
    const put = await send(app, "/embed/a", { method: "PUT" });
    expect([put.status, put.headers.get("allow")]).toEqual([405, "GET"]);
    expect((await send(app, "/embed/a", { method: "HEAD" })).status).toBe(200);
    const broken = appOn({ list: () => Promise.reject(), get: () => Promise.reject(new Error("SECRET")) });
    const failed = await broken.get("a");
    expect([failed.status, failed.body.detail]).toEqual([503, "The document store is unavailable."]);
  });
});

describe("GET /embed/{document_id} with keys", () => {
  it("gives the key's tenant its own, and a read-only key those of its topics; others do not exist", async () => {
    const { store } = await newStore();
    const shared = createTenantStore(store);
    for (const tenant of ["acme", "other"]) {
      const fields = { topicIds: [1, 2], metadata: { of: tenant } };
      await shared.replace(...documentOf("x", [`words of ${tenant}`], fields), { tenant });
      await shared.replace(...documentOf(`y-${tenant}`, ["words"], { topicIds: [3] }), { tenant });
      await shared.replace(...documentOf(`z-${tenant}`, ["words"]), { tenant });
    }
    const keys = [
      { tenant: "acme", sha256: sha256("writer") },
      { tenant: "acme", sha256: sha256("reader"), topicIds: [1] },
    ];
    const { get } = appOn(shared, { keys, corsOrigins: [] });
    const all = await get("x", bearer("writer"));
    expect(all.body).toMatchObject({
      topic_ids: [1, 2],
      metadata: { of: "acme" },
      content: [{ text: "words of acme" }],
    });
    expect(Object.keys(all.body.metadata)).toEqual(["of"]);
    expect((await get("x", bearer("reader"))).body).toMatchObject({ id: "x", topic_ids: [1] });

    const reasons = async (key: string, ids: string[]) =>
      Promise.all(
        ids.map(async (id) => {
          const { status, body } = await get(id, bearer(key));
          return { status, ...body, detail: body.detail.replace(id, "ID") };
        }),
      );
    const [absent, ...hidden] = await reasons("reader", ["absent", "y-acme", "z-acme", "y-other", "z-other"]);
    expect(absent).toMatchObject({ status: 404, detail: 'There is no document "ID".' });
    for (const one of hidden) expect(one).toEqual(absent);
    for (const one of await reasons("writer", ["y-other", "z-other"])) expect(one).toEqual(absent);
    expect((await get("x")).status).toBe(401);
  });
});
