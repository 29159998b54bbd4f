import type { Context } from "hono";
import { parseJson, readJson } from "#http/body.ts";
import { type App, type AppEnv, recordFailure } from "#http/context.ts";
import { RequestError } from "#http/problem.ts";
import { requireKnownOrigin } from "./origin.ts";
import type { McpSources, ServeMcp } from "./sources.ts";

export interface McpOptions {
  /** Web origins allowed by CORS. */
  corsOrigins?: readonly string[];
  /** Imported by the first request: MCP's SDK is larger than everything else that a function loads for its first one. */
  load?: () => Promise<ServeMcp>;
}

/** https://www.jsonrpc.org/specification#error_object */
const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;

/**
 * Adds `POST /mcp`: the Model Context Protocol over streamable HTTP, without sessions and without streams of its own, so
 * GET and DELETE are 405 (https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http).
 * A body that cannot be read is answered as JSON-RPC demands, with the problem as `data`; a key that is missing or over
 * its limit as on every route.
 */
export function addMcpRoute(app: App, sources: McpSources, options: McpOptions = {}): void {
  const { corsOrigins = [], load = async () => (await import("./serve.ts")).createServeMcp(sources) } = options;
  let loading: Promise<ServeMcp> | undefined;

  app.post("/mcp", async (c) => {
    let body: unknown;
    try {
      requireKnownOrigin(c.req.raw, corsOrigins);
      body = await readJson(c.req.raw, parseJson);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      return refusal(c, error);
    }
    loading ??= load();
    return (await loading)(c, body);
  });
}

/** JSON-RPC's error response for a request whose message, and so its id, is unknown. */
function refusal(c: Context<AppEnv>, error: RequestError): Response {
  const data = recordFailure(c, error);
  const code = error.status === 400 ? PARSE_ERROR : INVALID_REQUEST;
  const message = { jsonrpc: "2.0", id: null, error: { code, message: data.detail, data } };
  return c.json(message, error.status, { ...error.headers });
}
