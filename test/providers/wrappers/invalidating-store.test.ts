import { expect, test } from "vitest";
import { createInvalidatingStore } from "#providers/wrappers/invalidating-store.ts";
import type { AnswerCache, Call, VectorStore } from "#rag/ports.ts";

const RECORD = { id: "d", title: "T", topicIds: [], metadata: {}, version: "v" };

/** An invalidating store and the log of calls of the wrapped store and the cache, in order. */
function recorded(part: Partial<VectorStore> = {}, cachePart: Partial<AnswerCache> = {}) {
  const log: [what: string, tenant: string | undefined][] = [];
  const errors: unknown[] = [];
  const record = (what: string) => async (call?: Call) => void log.push([what, call?.tenant]);
  const store: VectorStore = {
    system: "s",
    collection: "c",
    address: "host",
    versions: async () => new Map([["d", { version: "v", chunks: 1 }]]),
    replace: (_document, _chunks, call) => record("replace")(call),
    async remove(_id, call) {
      await record("remove")(call);
      return 3;
    },
    list: async () => ({ documents: [] }),
    get: async () => undefined,
    search: async () => [],
    ping: record("ping"),
    ...part,
  };
  const cache = { changing: record("changing"), changed: record("changed"), ...cachePart };
  return { store: createInvalidatingStore(store, cache, (error) => errors.push(error)), log, errors };
}

test("invalidates the tenant's cached answers before and after a change", async () => {
  const { store, log } = recorded();
  await store.replace(RECORD, [], { tenant: "a" });
  expect(await store.remove("d", { tenant: "b" })).toBe(3);
  expect(log).toEqual([
    ["changing", "a"],
    ["replace", "a"],
    ["changed", "a"],
    ["changing", "b"],
    ["remove", "b"],
    ["changed", "b"],
  ]);
});

test("ends the invalidation also when the change fails half-way", async () => {
  const { store, log } = recorded({ replace: () => Promise.reject(new Error("half-way")) });
  await expect(store.replace(RECORD, [])).rejects.toThrow("half-way");
  expect(log.map(([what]) => what)).toEqual(["changing", "changed"]);
});

test("ends the invalidation without the caller's signal and deadline", async () => {
  const calls: unknown[] = [];
  const { store } = recorded({}, { changed: async (call) => void calls.push(call) });
  await store.replace(RECORD, [], { tenant: "a", deadline: 1, signal: AbortSignal.abort() });
  expect(calls).toEqual([{ tenant: "a" }]);
});

test("changes nothing when the cache cannot be invalidated", async () => {
  const { store, log } = recorded({}, { changing: () => Promise.reject(new Error("ECONNREFUSED")) });
  await expect(store.replace(RECORD, [])).rejects.toMatchObject({ name: "RagError", stage: "cache" });
  await expect(store.remove("d")).rejects.toMatchObject({ name: "RagError", stage: "cache" });
  expect(log).toEqual([]);
});

test("reports a failure to end the invalidation, and keeps the change", async () => {
  const { store, errors } = recorded({}, { changed: () => Promise.reject(new Error("ECONNREFUSED")) });
  expect(await store.remove("d")).toBe(3);
  expect(errors).toMatchObject([{ stage: "cache" }]);
});

test("invalidates nothing for reads", async () => {
  const { store, log } = recorded();
  expect(await store.versions(["d"])).toEqual(new Map([["d", { version: "v", chunks: 1 }]]));
  expect(await store.search({ text: "q", limit: 1 })).toEqual([]);
  await store.ping();
  expect([store.system, store.collection, store.address]).toEqual(["s", "c", "host"]);
  expect(log).toEqual([["ping", undefined]]);
});
