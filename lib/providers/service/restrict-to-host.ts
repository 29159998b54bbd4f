/** A request to a host that nobody configured; it was not made. */
class HostNotAllowedError extends Error {
  override readonly name = "HostNotAllowedError";
  readonly code = "host_not_allowed";
}

/**
 * `fetch` for the host of `url` and no other, whatever asks for it. Redirects are not followed: they could lead anywhere,
 * with the key in the headers.
 *
 * @throws HostNotAllowedError
 */
export function restrictToHost(url: string, fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  const { hostname } = new URL(url);
  return async (input, init) => {
    // Not `instanceof Request`, which would load Node's fetch.
    const asked = new URL(typeof input === "string" || input instanceof URL ? input : input.url);
    if (asked.hostname !== hostname) {
      throw new HostNotAllowedError(
        `${asked.hostname} was not asked: of these services only ${hostname} is configured`,
      );
    }
    return fetch(input, { ...init, redirect: init?.redirect === "manual" ? "manual" : "error" });
  };
}
