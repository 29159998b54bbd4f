/** Milliseconds. */
const TIMEOUT_MS = 30_000;

export interface QdrantServer {
  url: string;
  apiKey: string | undefined;
}

/** Names of all collections. @throws Error when Qdrant does not tell */
export async function listCollections(server: QdrantServer): Promise<string[]> {
  const { collections } = await ask<{ collections: { name: string }[] }>(server, "GET", "/collections");
  return collections.map(({ name }) => name);
}

/** Deletes a collection, and with it the aliases that lead to it. @throws Error when Qdrant does not do it */
export async function deleteCollection(server: QdrantServer, name: string): Promise<void> {
  await ask(server, "DELETE", `/collections/${encodeURIComponent(name)}`);
}

/** As lib/providers/qdrant/client.ts has it, and Qdrant's own tools: without a port it is 6333. */
export function rootOf(url: string): string {
  const { protocol, hostname, pathname } = new URL(url);
  // `port` is empty for the scheme's own, also when it was written down.
  const port = /^\w+:\/\/[^/?#]*:(\d+)(?:[/?#]|$)/.exec(url)?.[1] ?? "6333";
  return `${protocol}//${hostname}:${port}${pathname.replace(/\/+$/, "")}`;
}

async function ask<T>({ url, apiKey }: QdrantServer, method: string, path: string): Promise<T> {
  const root = rootOf(url);
  const response = await fetch(`${root}${path}`, {
    method,
    headers: apiKey ? { "api-key": apiKey } : {},
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw new Error(`Qdrant: ${method} ${path} was not answered at ${root}; is QDRANT_URL right?`, { cause });
  });
  if (!response.ok) throw new Error(`Qdrant: ${method} ${path} was answered with ${response.status}`);
  return ((await response.json()) as { result: T }).result;
}
