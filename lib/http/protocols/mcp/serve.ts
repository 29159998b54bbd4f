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
    if (Array.isArray(body) && body.length > MAX_BATCH) return c.json(TOO_MANY, 400);
    const called = callOf(body);
    if (called) c.get("trace").rpc?.(called);

    const request = c.req.raw;
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

const TOO_MANY = {
  jsonrpc: "2.0",
  id: null,
  error: { code: INVALID_REQUEST, message: `A batch may have at most ${MAX_BATCH} messages.` },
};

/** A request that is cancelled in its own batch would never be answered. */
function isCancellation(message: unknown): boolean {
  return typeof message === "object" && message !== null && "method" in message && message.method === CANCELLED;
}

const CANCELLED = "notifications/cancelled";
