import type { Context } from "hono";
import * as z from "zod/mini";
import { parse } from "#http/body.ts";
import { type AppEnv, recordFailure } from "#http/context.ts";
import { RequestError } from "#http/problem.ts";
import { listResources, readResource, TEMPLATES } from "./resources.ts";
import type { McpServer } from "./respond.ts";
import { INTERNAL_ERROR, INVALID_PARAMS, RpcError } from "./rpc-error.ts";
import type { McpSources } from "./sources.ts";
import { callTool, TOOLS } from "./tools.ts";

const SERVER = { name: "edge-rag", title: "Edge RAG", version: "0.1.0" };
const INSTRUCTIONS =
  "Answers from a collection of documents. Use `ask` for an answer with its sources, `search` for the passages alone, and " +
  "read a resource for a whole document.";

const callParams = z.looseObject({ name: z.string(), arguments: z.optional(z.record(z.string(), z.unknown())) });
const listParams = z.looseObject({ cursor: z.optional(z.string()) });
const readParams = z.looseObject({ uri: z.string() });

/** The server of one request: what it answers is what the request's key may read. */
export function createServer(c: Context<AppEnv>, sources: McpSources): McpServer {
  return {
    ...{ info: SERVER, capabilities: { tools: {}, resources: {} }, instructions: INSTRUCTIONS },
    methods: {
      "tools/list": () => ({ tools: TOOLS }),
      "tools/call": (params) =>
        publicly(c, async () => {
          const { name, arguments: args = {} } = parse(params, callParams, "parameters");
          const result = await callTool(c, sources, name, args);
          if (!result) throw new RpcError(INVALID_PARAMS, `There is no tool ${name}.`);
          return result;
        }),
      "resources/templates/list": () => ({ resourceTemplates: TEMPLATES }),
      "resources/list": (params) =>
        publicly(c, () => listResources(c, sources.store, parse(params, listParams, "parameters").cursor)),
      "resources/read": (params) =>
        publicly(c, async () => {
          const { uri } = parse(params, readParams, "parameters");
          const result = await readResource(c, sources.store, uri);
          if (!result) throw new RpcError(INVALID_PARAMS, `Resource not found: ${uri}`, { data: { uri } });
          return result;
        }),
    },
  };
}

/** JSON-RPC's error with what may be known of a failure, which is the problem of other routes. */
async function publicly<T>(c: Context<AppEnv>, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof RpcError) throw error;
    const problem = recordFailure(c, error);
    if (problem.status >= 500) c.get("trace").fail(error);
    const code = error instanceof RequestError ? INVALID_PARAMS : INTERNAL_ERROR;
    throw new RpcError(code, problem.detail, { data: problem });
  }
}
