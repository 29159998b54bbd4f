import { ProtocolError, ResourceNotFoundError, Server } from "@modelcontextprotocol/server";
import type { Context } from "hono";
import { type AppEnv, recordFailure } from "#http/context.ts";
import { RequestError } from "#http/problem.ts";
import { listResources, readResource, TEMPLATES } from "./resources.ts";
import type { McpSources } from "./sources.ts";
import { callTool, TOOLS } from "./tools.ts";

const SERVER = { name: "edge-rag", title: "Edge RAG", version: "0.1.0" };
const INSTRUCTIONS =
  "Answers from a collection of documents. Use `ask` for an answer with its sources, `search` for the passages alone, and " +
  "read a resource for a whole document.";

const INVALID_PARAMS = -32602;
const INTERNAL_ERROR = -32603;

/** The server of one request: what it answers is what the request's key may read. */
export function createServer(c: Context<AppEnv>, sources: McpSources): Server {
  const capabilities = { tools: {}, resources: {} };
  const server = new Server(SERVER, { capabilities, instructions: INSTRUCTIONS, jsonSchemaValidator: NO_VALIDATOR });

  server.setRequestHandler("tools/list", () => ({ tools: [...TOOLS] }));
  server.setRequestHandler("tools/call", async ({ params }) => {
    const result = await callTool(c, sources, params.name, params.arguments ?? {});
    if (!result) throw new ProtocolError(INVALID_PARAMS, `There is no tool ${params.name}.`);
    return result;
  });
  server.setRequestHandler("resources/templates/list", () => ({ resourceTemplates: [...TEMPLATES] }));
  server.setRequestHandler("resources/list", ({ params }) =>
    publicly(c, () => listResources(c, sources.store, params?.cursor)),
  );
  server.setRequestHandler("resources/read", async ({ params: { uri } }) => {
    const result = await publicly(c, () => readResource(c, sources.store, uri));
    if (!result) throw new ResourceNotFoundError(uri);
    return result;
  });
  return server;
}

/** Validates what a client is asked for, which it never is. */
const NO_VALIDATOR = {
  getValidator(): never {
    throw new Error("no client is asked for anything");
  },
};

/** JSON-RPC's error with what may be known of a failure, which is the problem of other routes. */
async function publicly<T>(c: Context<AppEnv>, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    const problem = recordFailure(c, error);
    if (problem.status >= 500) c.get("trace").fail(error);
    throw new ProtocolError(error instanceof RequestError ? INVALID_PARAMS : INTERNAL_ERROR, problem.detail, problem);
  }
}
