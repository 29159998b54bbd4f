import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, test } from "vitest";
import { createQdrantClient } from "#providers/qdrant-client.ts";
import { openQdrantStore } from "#providers/qdrant-store.ts";
import { newStore } from "../providers/_sqlite.ts";
import { CONTENT, storeContract } from "../providers/_store-contract.ts";
import { type FakeQdrant, startQdrantServer } from "../support/qdrant-server.ts";

storeContract("SQLite", async () => (await newStore()).store);

describe("over a server that answers as recorded", () => {
  let fake: FakeQdrant;
  beforeAll(async () => {
    fake = await startQdrantServer();
  });
  afterAll(() => fake.close());
  storeContract("Qdrant", () => openQdrantStore({ url: fake.url, collection: randomUUID(), ...CONTENT }));
});

const { QDRANT_URL: url, QDRANT_API_KEY: apiKey } = process.env;

describe.skipIf(!url)("over the server at QDRANT_URL", () => {
  const server = { url: url ?? "", ...(apiKey !== undefined && { apiKey }) };
  const scratch: string[] = [];
  afterAll(async () => {
    const client = createQdrantClient(server);
    for (const name of scratch) await client.deleteCollection(`${name}_v1`); // and with it its alias
  });
  storeContract(
    "Qdrant",
    async () => {
      const collection = `edge-rag-test-${randomUUID()}`;
      scratch.push(collection);
      return openQdrantStore({ ...server, collection, ...CONTENT });
    },
    { runs: 3 },
  );
});

test.skipIf(url)("(no QDRANT_URL: the contract of Qdrant is not tried on a live server)", (context) => context.skip());
