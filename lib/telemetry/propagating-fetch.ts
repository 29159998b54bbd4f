import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { context, createContextKey, type TextMapPropagator } from "@opentelemetry/api";

export interface PropagatingFetch {
  /** `fetch` that sends the active span's trace headers to allowed hosts. */
  fetch: typeof fetch;
  /** From then on it sends none. */
  close(): void;
}

/**
 * The headers are added as each HTTP request is made, not once to what the caller asks for: a redirect from an allowed
 * host to another takes no header along. (`undici:request:create` is a documented channel of Node's fetch:
 * https://undici.nodejs.org/#/docs/api/DiagnosticsChannel.)
 *
 * @param hosts host names for any port, or `host:port`
 */
export function createPropagatingFetch(propagator: TextMapPropagator, hosts: readonly string[]): PropagatingFetch {
  if (hosts.length === 0) return { fetch, close() {} };
  const allowed = new Set(hosts.map((host) => host.toLowerCase()));
  const TO_SEND = createContextKey("edge-rag: trace headers to send");

  function onRequest(message: unknown): void {
    const headers = context.active().getValue(TO_SEND) as Record<string, string> | undefined;
    if (!headers) return;
    const { request } = message as { request: CreatedRequest };
    const { hostname, port, protocol } = new URL(request.origin);
    const withPort = `${hostname}:${port || (protocol === "https:" ? 443 : 80)}`;
    if (!allowed.has(hostname) && !allowed.has(withPort)) return;
    try {
      for (const [name, value] of Object.entries(headers)) request.addHeader(name, value);
    } catch {
      // No valid header. What a subscriber throws ends the process.
    }
  }
  subscribe("undici:request:create", onRequest);

  return {
    async fetch(input, init) {
      const given = new Headers(init?.headers ?? (input instanceof Request ? input.headers : {}));
      const headers = headersOf(propagator, given);
      return context.with(context.active().setValue(TO_SEND, headers), () => fetch(input, init));
    },
    close: () => void unsubscribe("undici:request:create", onRequest),
  };
}

/** What undici passes on the channel; its types leave `addHeader` out. */
interface CreatedRequest {
  origin: string | URL;
  addHeader(name: string, value: string): void;
}

/** The active span's headers, without those the caller gave. A `tracestate` belongs to one `traceparent`. */
function headersOf(propagator: TextMapPropagator, given: Headers): Record<string, string> {
  const headers: Record<string, string> = {};
  propagator.inject(context.active(), headers, {
    set(_, name, value) {
      const theirs = given.has(name) || (name === "tracestate" && given.has("traceparent"));
      if (!theirs) headers[name] = value;
    },
  });
  return headers;
}
