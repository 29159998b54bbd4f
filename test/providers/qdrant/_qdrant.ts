import { onTestFinished } from "vitest";
import type { QdrantOptions } from "#providers/qdrant/client.ts";
import { QdrantError } from "#providers/qdrant/error.ts";
import { openQdrantStore, type QdrantStoreOptions } from "#providers/qdrant/store.ts";
import type { VectorStore } from "#rag/ports.ts";
import { type FakeQdrant, startQdrantServer } from "../../support/qdrant-server.ts";
import { CONTENT } from "../_store-contract.ts";

export async function fakeForTest(options?: { apiKey?: string }): Promise<FakeQdrant> {
  const fake = await startQdrantServer(options);
  onTestFinished(() => fake.close());
  return fake;
}

export async function storeForTest(
  options: Partial<QdrantStoreOptions> = {},
): Promise<{ fake: FakeQdrant; store: VectorStore }> {
  const fake = await fakeForTest();
  return { fake, store: await openOn(fake, options) };
}

/**
 * A store whose collection is prepared, or will be by its first call when that failed.
 *
 * @throws QdrantError (`collection_mismatch`)
 */
export async function openOn(
  { url }: { url: string },
  options: Partial<QdrantStoreOptions & QdrantOptions> = {},
): Promise<VectorStore> {
  const { store, ready } = openQdrantStore({ url, collection: "docs", ...CONTENT, ...options });
  await ready.catch((error: unknown) => {
    if (error instanceof QdrantError && error.code === "collection_mismatch") throw error;
  });
  return store;
}
