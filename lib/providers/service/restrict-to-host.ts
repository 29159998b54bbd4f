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
    const isRequest = typeof input === "object" && "url" in input;
    const target = new URL(isRequest ? input.url : input);
    if (target.hostname !== hostname) {
      throw new HostNotAllowedError(
        `request to ${target.hostname} blocked: this client is configured for ${hostname} only`,
      );
    }
    // Parsed once: `fetch` need not parse it again.
    return fetch(isRequest ? input : target, { ...init, redirect: init?.redirect === "manual" ? "manual" : "error" });
  };
}
