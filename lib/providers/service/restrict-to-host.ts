/** A request to a host that is not configured; it was not sent. */
class HostNotAllowedError extends Error {
  override readonly name = "HostNotAllowedError";
  readonly code = "host_not_allowed";
}

/**
 * Wraps `fetch` so that it only sends requests to the host of `url`. Redirects are not followed: they could send the
 * API key anywhere.
 *
 * @throws HostNotAllowedError
 */
export function restrictToHost(url: string, fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  const { hostname } = new URL(url);
  return async (input, init) => {
    // Not `instanceof Request`, which would load Node's fetch.
    const target = new URL(typeof input === "string" || input instanceof URL ? input : input.url);
    if (target.hostname !== hostname) {
      throw new HostNotAllowedError(
        `request to ${target.hostname} blocked: this client is configured for ${hostname} only`,
      );
    }
    return fetch(input, { ...init, redirect: init?.redirect === "manual" ? "manual" : "error" });
  };
}
