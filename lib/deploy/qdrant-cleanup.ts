/** Milliseconds. */
const TIMEOUT_MS = 30_000;

export interface QdrantServer {
  url: string;
  apiKey: string | undefined;
}

/**
 * Deletes the collection that an alias leads to, and those that were built anew for it or left by it, `<alias>_v<number>`;
 * aliases go with them.
 *
 * @returns the names of what was deleted
 * @throws Error when Qdrant does not do it
 */
export async function deleteCollections({ url, apiKey }: QdrantServer, alias: string): Promise<string[]> {
  const root = url.replace(/\/+$/, "");
  async function ask<T>(method: string, path: string): Promise<T> {
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
  const { collections } = await ask<{ collections: { name: string }[] }>("GET", "/collections");
  const names = collections.map(({ name }) => name).filter((name) => isOf(alias, name));
  for (const name of names) await ask("DELETE", `/collections/${encodeURIComponent(name)}`);
  return names;
}

function isOf(alias: string, name: string): boolean {
  return name === alias || (name.startsWith(`${alias}_v`) && /^\d+$/.test(name.slice(alias.length + 2)));
}
