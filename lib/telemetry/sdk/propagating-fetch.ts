import { context, type TextMapPropagator } from "@opentelemetry/api";

/**
 * `fetch` that sends the active span's trace headers to allowed hosts. Only where no redirect is followed: it could take
 * them along to another host.
 *
 * @param hosts host names for any port, or `host:port`
 */
export function createPropagatingFetch(
  propagator: TextMapPropagator,
  hosts: readonly string[],
  fetch: typeof globalThis.fetch,
): typeof globalThis.fetch {
  if (hosts.length === 0) return fetch;
  const allowed = new Set(hosts.map((host) => host.toLowerCase()));

  function isAllowed(url: string): boolean {
    const { hostname, port, protocol } = new URL(url);
    return allowed.has(hostname) || allowed.has(`${hostname}:${port || (protocol === "https:" ? 443 : 80)}`);
  }
  return async (input, init = {}) => {
    const stays = init.redirect === "error" || init.redirect === "manual";
    if (!(typeof input === "string" || input instanceof URL) || !stays || !isAllowed(String(input)))
      return fetch(input, init);
    const headers = new Headers(init.headers);
    for (const [name, value] of headersOf(propagator, headers)) {
      try {
        headers.set(name, value);
      } catch {
        // A caller's baggage may not be a valid header.
      }
    }
    return fetch(input, { ...init, headers });
  };
}

/** The active span's headers, without those the caller gave. A `tracestate` belongs to one `traceparent`. */
function headersOf(propagator: TextMapPropagator, given: Headers): Map<string, string> {
  const headers = new Map<string, string>();
  propagator.inject(context.active(), headers, {
    set(_, name, value) {
      const theirs = given.has(name) || (name === "tracestate" && given.has("traceparent"));
      if (!theirs) headers.set(name, value);
    },
  });
  return headers;
}
