import type { Context } from "hono";
import { parseJson, readJson } from "#http/body.ts";
import { type App, type AppEnv, recordFailure } from "#http/context.ts";
import { RequestError } from "#http/problem.ts";
import { requireKnownOrigin } from "./origin.ts";
import { errorMessage, INVALID_REQUEST, PARSE_ERROR } from "./rpc-error.ts";
import type { McpSources, ServeMcp } from "./sources.ts";

export interface McpOptions {
  /** Web origins allowed by CORS. */
  corsOrigins?: readonly string[];
  /** Imported by the first request: most processes get none. */
  load?: () => Promise<ServeMcp>;
}

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
  return c.json(errorMessage(null, { code, message: data.detail, data }), error.status, { ...error.headers });
}
