import { onTestFinished } from "vitest";
import type { QdrantOptions } from "#providers/qdrant-client.ts";
import { type OpenOptions, openQdrantStore, type QdrantStoreOptions } from "#providers/qdrant-store.ts";
import type { VectorStore } from "#rag/ports.ts";
import { type FakeQdrant, startQdrantServer } from "../support/qdrant-server.ts";
import { CONTENT } from "./_store-contract.ts";

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

export function openOn(
  { url }: { url: string },
  options: Partial<QdrantStoreOptions & QdrantOptions & OpenOptions> = {},
) {
  return openQdrantStore({ url, collection: "docs", ...CONTENT, ...options });
}
