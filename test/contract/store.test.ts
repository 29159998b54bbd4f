import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, test } from "vitest";
import { createQdrantClient } from "#providers/qdrant/client.ts";
import { openQdrantStore } from "#providers/qdrant/store.ts";
import { createTenantStore } from "#providers/wrappers/tenant-store.ts";
import type { VectorStore } from "#rag/ports.ts";
import { getContract } from "../providers/_get-contract.ts";
import { listContract } from "../providers/_list-contract.ts";
import { CONTENT, storeContract } from "../providers/_store-contract.ts";
import { documentOf, newStore } from "../providers/sqlite/_sqlite.ts";
import { type FakeQdrant, startQdrantServer } from "../support/qdrant-server.ts";

const TENANT = { tenant: "one" };

storeContract("SQLite", async () => (await newStore()).store);
listContract("SQLite", async () => (await newStore()).store);
getContract("SQLite", async () => (await newStore()).store);

storeContract("SQLite with two tenants that use the same ids", sharedStore);
listContract("SQLite with two tenants that use the same ids", sharedStore);
getContract("SQLite with two tenants that use the same ids", sharedStore);

async function sharedStore(): Promise<VectorStore> {
  const store = createTenantStore((await newStore()).store);
  for (const id of ["a", "b", "a/b ü.md", "docs", "guide", "long"]) {
    await store.replace(...documentOf(id, [`${id} of another`]), { tenant: "another" });
  }
  return {
    ...store,
    versions: (ids) => store.versions(ids, TENANT),
    replace: (document, chunks) => store.replace(document, chunks, TENANT),
    remove: (id) => store.remove(id, TENANT),
    list: (request) => store.list(request, TENANT),
    get: (id, request) => store.get(id, request, TENANT),
    search: (request) => store.search(request, TENANT),
  };
}

describe("with the fake Qdrant server", () => {
  let fake: FakeQdrant;
  beforeAll(async () => {
    fake = await startQdrantServer();
  });
  afterAll(() => fake.close());
  const open = async () => openQdrantStore({ url: fake.url, collection: randomUUID(), ...CONTENT }).store;
  storeContract("Qdrant", open);
  listContract("Qdrant", open);
  getContract("Qdrant", open);
});

const { QDRANT_URL: url, QDRANT_API_KEY: apiKey } = process.env;

describe.skipIf(!url)("with the server at QDRANT_URL", () => {
  const server = { url: url ?? "", ...(apiKey !== undefined && { apiKey }) };
  const scratch: string[] = [];
  afterAll(async () => {
    const client = createQdrantClient(server);
    for (const name of scratch) await client.deleteCollection(`${name}_v1`); // Also deletes its alias.
  });
  const open = async () => {
    const collection = `edge-rag-test-${randomUUID()}`;
    scratch.push(collection);
    return openQdrantStore({ ...server, collection, ...CONTENT }).store;
  };
  storeContract("Qdrant", open, { runs: 3 });
  listContract("Qdrant", open);
  getContract("Qdrant", open);
});

test.skipIf(url)("(no QDRANT_URL: the Qdrant contract is not tested against a live server)", (context) =>
  context.skip(),
);
