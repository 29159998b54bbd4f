import {
  createMcpHandler,
  isLegacyRequest,
  type Server,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import type { Context } from "hono";
import type { AppEnv } from "#http/context.ts";
import { callOf } from "./call.ts";
import { createServer } from "./server.ts";
import type { McpSources, ServeMcp } from "./sources.ts";

/** Messages of a batch, which the protocol had until 2025-03-26: each may be a question. */
const MAX_BATCH = 10;
const INVALID_REQUEST = -32600;

export function createServeMcp(sources: McpSources): ServeMcp {
  return serveWith((c) => createServer(c, sources));
}

/**
 * Serves each request with a server of its own, and answers it with JSON: nothing is sent before the result. Both forms of
 * the protocol are served: that of 2026-07-28, in which each request says what its client can do, and the earlier ones,
 * which begin with `initialize`; without a session, nothing is remembered of it.
 */
export function serveWith(create: (c: Context<AppEnv>) => Server): ServeMcp {
  return async (c, body) => {
    const parsedBody = Array.isArray(body) ? body.filter((message) => !isCancellation(message)) : body;
    if (Array.isArray(body) && (body.length > MAX_BATCH || body.length === 0)) return c.json(NO_BATCH, 400);
    const called = callOf(body);
    if (called) c.get("trace").rpc?.(called);

    const request = acceptingJson(c.req.raw);
    if (!(await isLegacyRequest(request, parsedBody))) {
      // Subscriptions would be open streams.
      const { fetch } = createMcpHandler(() => create(c), { legacy: "reject", maxSubscriptions: 0 });
      return fetch(request, { parsedBody });
    }
    const server = create(c);
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
    await server.connect(transport);
    try {
      return await transport.handleRequest(request, { parsedBody });
    } finally {
      await server.close();
    }
  };
}

/**
 * The protocol demands that a client accepts JSON and event streams, by name. One that accepts anything, such as curl, is
 * served as well.
 */
function acceptingJson(request: Request): Request {
  const accept = request.headers.get("accept");
  if (accept !== null && !accept.includes("*/*")) return request;
  const headers = new Headers(request.headers);
  headers.set("accept", "application/json, text/event-stream");
  return new Request(request.url, { method: "POST", headers });
}

const NO_BATCH = {
  jsonrpc: "2.0",
  id: null,
  error: { code: INVALID_REQUEST, message: `A batch may have 1 to ${MAX_BATCH} messages.` },
};

/** A request that is cancelled in its own batch would never be answered. */
function isCancellation(message: unknown): boolean {
  return typeof message === "object" && message !== null && "method" in message && message.method === CANCELLED;
}

const CANCELLED = "notifications/cancelled";
