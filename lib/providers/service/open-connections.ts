/** Longer than connecting takes. */
const TIMEOUT_MS = 5_000;

/**
 * Opens a connection to each host, so that the first requests to it need not wait for DNS, TCP and TLS. Sends `OPTIONS /` without
 * credentials, as Node keeps a connection only after a request, and after one of HEAD only where the response has a length. A
 * failure is ignored: the request that comes next meets it too.
 *
 * @returns when all are open, or could not be opened
 */
export async function openConnections(urls: Iterable<string>, fetch: typeof globalThis.fetch): Promise<void> {
  const init: RequestInit = { method: "OPTIONS", redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS) };
  const origins = new Set(Array.from(urls, (url) => new URL(url).origin));
  await Promise.allSettled(Array.from(origins, (origin) => fetch(origin, init)));
}
