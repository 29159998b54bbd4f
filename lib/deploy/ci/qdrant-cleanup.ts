/** Milliseconds. */
const TIMEOUT_MS = 30_000;

export interface QdrantServer {
  url: string;
  apiKey: string | undefined;
}

/** Names of all collections. @throws Error when the request fails */
export async function listCollections(server: QdrantServer): Promise<string[]> {
  const { collections } = await request<{ collections: { name: string }[] }>(server, "GET", "/collections");
  return collections.map(({ name }) => name);
}

/** Deletes a collection and the aliases that point to it. @throws Error when the request fails */
export async function deleteCollection(server: QdrantServer, name: string): Promise<void> {
  await request(server, "DELETE", `/collections/${encodeURIComponent(name)}`);
}

/** As in lib/providers/qdrant/client.ts and Qdrant's own tools, the default port is 6333. */
export function rootOf(url: string): string {
  const { protocol, hostname, pathname } = new URL(url);
  // `URL.port` is empty for the scheme's default port, even if it is given explicitly.
  const port = /^\w+:\/\/[^/?#]*:(\d+)(?:[/?#]|$)/.exec(url)?.[1] ?? "6333";
  return `${protocol}//${hostname}:${port}${pathname.replace(/\/+$/, "")}`;
}

async function request<T>({ url, apiKey }: QdrantServer, method: string, path: string): Promise<T> {
  const root = rootOf(url);
  const response = await fetch(`${root}${path}`, {
    method,
    headers: apiKey ? { "api-key": apiKey } : {},
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw new Error(`Qdrant: ${method} ${path} got no response from ${root}: is QDRANT_URL correct?`, { cause });
  });
  if (!response.ok) throw new Error(`Qdrant: ${method} ${path} returned ${response.status}`);
  return ((await response.json()) as { result: T }).result;
}
