import { HEADERS as MCP_HEADERS } from "../http/protocols/mcp/_mcp.ts";
import type { Query } from "./_contents.ts";

export interface Citation {
  document_id: string;
  chunk_id: string;
  text: string;
  title: string;
  url?: string;
}

/** What a response says of a question. */
export interface Asked {
  citations: Citation[];
  /** Absent where the response does not say it. */
  cache?: { embedding: boolean };
  /** The question that was searched for, where it was changed. */
  rewritten_question?: string;
}

/** A route by which a question comes in. */
export interface WayToAsk {
  path: string;
  /** The part of a query that this route takes, with what it sets itself. */
  takes(query: Query): Query;
  headers?(query: Query): Record<string, string>;
  /** @param own something that the tenant may say */
  body(query: Query, own: string): object;
  /** What a response with the status 200 says; `undefined` when the question was refused. */
  read(body: string, query: Query): Asked | undefined;
}

const arguments_ = ({ stream: _, ...query }: Query) => query;

function mcp(tool: string): WayToAsk {
  return {
    path: "/mcp",
    takes: (query) => query,
    headers: () => MCP_HEADERS,
    body: (query) => ({
      ...{ jsonrpc: "2.0", id: 1, method: "tools/call" },
      params: { name: tool, arguments: arguments_(query) },
    }),
    read(body) {
      const { result } = JSON.parse(body);
      return result.isError ? undefined : result.structuredContent;
    },
  };
}

const fromEvents = (body: string): Asked => {
  const events = new Map([...body.matchAll(/^event: (\w+)\ndata: (.*)$/gm)].map(([, name, data = ""]) => [name, data]));
  return { ...JSON.parse(events.get("citations") ?? "{}"), ...JSON.parse(events.get("done") ?? "{}") };
};

export const WAYS_TO_ASK = {
  query: {
    path: "/query",
    takes: (query) => query,
    body: (query) => query,
    read: (body, { stream }) => (stream ? fromEvents(body) : JSON.parse(body)),
  },
  messages: {
    path: "/query",
    takes: (query) => query,
    body: ({ question, ...query }, own) => ({
      ...query,
      messages: [
        { role: "user", content: `What is ${own}?` },
        { role: "assistant", content: `It is ${own}.` },
        { role: "user", content: question },
      ],
    }),
    read: (body, { stream }) => (stream ? fromEvents(body) : JSON.parse(body)),
  },
  search: {
    path: "/search",
    takes: (query) => query,
    body: arguments_,
    read: (body) => JSON.parse(body),
  },
  chat: {
    path: "/v1/chat/completions",
    takes: ({ filter: _, topic_ids = [], ...query }) => ({
      ...query,
      top_k: 5,
      ...(topic_ids.length > 0 && { topic_ids }),
    }),
    headers: ({ topic_ids }): Record<string, string> => (topic_ids ? { "x-rag-topic-ids": topic_ids.join() } : {}),
    body: ({ question, stream }) => ({ model: "edge-rag", stream, messages: [{ role: "user", content: question }] }),
    read(body, { stream }) {
      if (!stream) return JSON.parse(body).choices[0].message;
      const chunks = Array.from(body.matchAll(/^data: (\{.*\})$/gm), ([, data = "{}"]) => JSON.parse(data));
      return chunks.find(({ choices }) => choices?.[0]?.finish_reason).choices[0].delta;
    },
  },
  "mcp search": mcp("search"),
  "mcp ask": mcp("ask"),
} satisfies Record<string, WayToAsk>;

export type NameOfWay = keyof typeof WAYS_TO_ASK;
