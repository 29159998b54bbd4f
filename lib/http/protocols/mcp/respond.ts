import type { Implementation, ServerCapabilities } from "@modelcontextprotocol/server";
import * as z from "zod/mini";
import type { RpcRequest } from "./message.ts";
import { EARLIER, LATEST, SERVER_INFO } from "./revision.ts";
import { errorMessage, INVALID_PARAMS, METHOD_NOT_FOUND, RpcError } from "./rpc-error.ts";

export type Params = Readonly<Record<string, unknown>>;

/** What a server of MCP answers. */
export interface McpServer {
  info: Implementation;
  capabilities: ServerCapabilities;
  /** For the model: what the server is for. */
  instructions?: string;
  /** The result of each method; throws RpcError for an error that the caller may see. */
  methods: Readonly<Record<string, (params: Params) => object | Promise<object>>>;
}

export interface RpcResponse {
  message: object;
  /** Of the HTTP response. */
  status: RpcError["status"];
}

/** Methods whose results say how long they may be kept; here not at all: they depend on the key. */
const CACHEABLE: ReadonlySet<string> = new Set([
  ...["tools/list", "prompts/list", "resources/list", "resources/templates/list", "resources/read", "server/discover"],
]);

const clientInfo = z.looseObject({ name: z.string(), version: z.string() });
const greeting = z.looseObject({ protocolVersion: z.string(), capabilities: z.looseObject({}), clientInfo });

/**
 * Answers a request, as a client of its revision of the protocol expects.
 *
 * @throws what a method throws but RpcError
 */
export async function respond(
  server: McpServer,
  { id, method, params = {} }: RpcRequest,
  isLatest: boolean,
): Promise<RpcResponse> {
  try {
    const methods = { ...server.methods, ...(isLatest ? discovery(server) : handshake(server)) };
    const run = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (!run) throw new RpcError(METHOD_NOT_FOUND, "Method not found", { status: isLatest ? 404 : 200 });
    const result = await run(params);
    return {
      message: { jsonrpc: "2.0", id, result: isLatest ? complete(server, method, result) : result },
      status: 200,
    };
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    return { message: errorMessage(id, error), status: error.status };
  }
}

function handshake({ info, capabilities, instructions }: McpServer): McpServer["methods"] {
  return {
    ping: () => ({}),
    initialize(params) {
      const { data } = greeting.safeParse(params);
      if (!data) throw new RpcError(INVALID_PARAMS, "initialize needs protocolVersion, capabilities and clientInfo.");
      const protocolVersion = EARLIER.includes(data.protocolVersion) ? data.protocolVersion : EARLIER[0];
      return { protocolVersion, capabilities, serverInfo: info, ...(instructions !== undefined && { instructions }) };
    },
  };
}

function discovery({ capabilities, instructions }: McpServer): McpServer["methods"] {
  const described = { supportedVersions: [LATEST], capabilities, ...(instructions !== undefined && { instructions }) };
  return { "server/discover": () => described };
}

/** Adds what the latest revision demands of a result. */
function complete({ info }: McpServer, method: string, result: { _meta?: object }): object {
  return {
    ...{ ...result, resultType: "complete" },
    ...(CACHEABLE.has(method) && { ttlMs: 0, cacheScope: "private" }),
    _meta: { ...result._meta, [SERVER_INFO]: info },
  };
}
