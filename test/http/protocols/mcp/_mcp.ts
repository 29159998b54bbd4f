import type { Access } from "#http/app.ts";
import type { App, Outcome, RpcCall } from "#http/context.ts";
import { addMcpRoute } from "#http/protocols/mcp/route.ts";
import type { McpSources } from "#http/protocols/mcp/sources.ts";
import type { Call, Citation } from "#rag/ports.ts";
import type { Question } from "#rag/question.ts";
import { post, TRACE, testApp } from "../../_app.ts";

export const CITATION: Citation = {
  ...{ index: 1, documentId: "handbook/leave.md", chunkId: "c1", title: "Leave", heading: "", score: 0.87 },
  text: "Unused days expire in March.",
};

/** The headers that the transport of clients sends. */
export const HEADERS = { accept: "application/json, text/event-stream", "mcp-protocol-version": "2025-11-25" };

export interface World {
  app: App;
  seen: Outcome[];
  asked: { question: Question; call: Call | undefined }[];
  /** Of the trace: what was called, and what failed. */
  calls: RpcCall[];
  failures: unknown[];
  /** Sends a message, and returns the JSON-RPC response. */
  rpc(method: string, params?: object, headers?: Record<string, string>): Promise<RpcResponse>;
}

export interface RpcResponse {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: results differ by method; the tests compare them.
  result: any;
  error?: { code: number; message: string; data?: unknown } | undefined;
}

/** An app with `POST /mcp` on pipelines that know one passage; parts of them can be replaced. */
export function mcpWorld(parts: Partial<McpSources> = {}, access?: Access): World {
  const { app, seen } = testApp(access);
  const asked: World["asked"] = [];
  const [calls, failures]: [RpcCall[], unknown[]] = [[], []];
  app.use(async (c, next) => {
    c.set("trace", { ...TRACE, rpc: (call) => calls.push(call), fail: (error) => failures.push(error) });
    await next();
  });
  const timingsMs = { embedding: 1, vector_search: 2, rerank: 3, total: 6 };
  const found = { citations: [CITATION], cache: { embedding: false }, degraded: [] };
  const sources: McpSources = {
    async ask(question, call) {
      asked.push({ question, call });
      const usage = { promptTokens: 3, completionTokens: 4 };
      const answer = { text: "In March. [1]", answered: true, usage, model: "test" };
      return { ...answer, ...found, timingsMs: { ...timingsMs, llm_generation: 4 } };
    },
    async search(question, call) {
      asked.push({ question, call });
      return { ...found, timingsMs };
    },
    store: { list: async () => ({ documents: [] }), get: async () => undefined },
    ...parts,
  };
  addMcpRoute(app, sources, access);
  return {
    ...{ app, seen, asked, calls, failures },
    async rpc(method, params, headers = {}) {
      const message = { jsonrpc: "2.0", id: 1, method, ...(params && { params }) };
      const response = await post(app, "/mcp", message, { ...HEADERS, ...headers });
      const { result, error } = (await response.json()) as Omit<RpcResponse, "status">;
      return { status: response.status, result, error };
    },
  };
}
