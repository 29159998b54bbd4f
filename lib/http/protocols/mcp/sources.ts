import type { Context } from "hono";
import type { AppEnv } from "#http/context.ts";
import type { SignAnswer } from "#http/feedback.ts";
import type { AnswerQuestion } from "#rag/answer.ts";
import type { VectorStore } from "#rag/ports.ts";
import type { SearchDocuments } from "#rag/search.ts";

/** What the tools and resources of an MCP server read. */
export interface McpSources {
  ask: AnswerQuestion;
  search: SearchDocuments;
  store: Pick<VectorStore, "list" | "get">;
  /** Absent when answers cannot be rated. */
  sign?: SignAnswer | undefined;
}

/** Serves the JSON-RPC message, or the batch of messages, of one request. */
export type ServeMcp = (c: Context<AppEnv>, body: unknown) => Promise<Response>;
