/** Requests to routes and for errors that `_rollback-requests.ts` of test/functions does not have. */

import type { Sent } from "../functions/_requests.ts";
import { bees, question, type Requests } from "../functions/_rollback-requests.ts";

const ask = (body: unknown, rest: Partial<Sent> = {}): Sent => ({ to: "query", request: "POST /query", body, ...rest });
const chat = (body: object, rest: Partial<Sent> = {}): Sent =>
  ask({ messages: [{ role: "user", content: question }], ...body }, { request: "POST /v1/chat/completions", ...rest });
const mcp = (method: string, params: object = {}, message: object = { id: 1 }): Sent =>
  ask({ jsonrpc: "2.0", ...message, method, params }, { request: "POST /mcp", headers: { accept: BOTH } });
const BOTH = "application/json, text/event-stream";
const CLIENT = { name: "test", version: "1" };

export const ROUTES: Requests = [
  [200, { to: "embed", request: "POST /embed", body: { documents: [bees, { ...bees, id: "a/b ü", topic_ids: [7] }] } }],
  [200, { to: "embed", request: "GET /embed" }],
  [200, { to: "embed", request: "GET /embed?limit=1" }],
  [400, { to: "embed", request: "GET /embed?limit=none" }],
  [200, { to: "embed", request: "GET /embed/bees" }],
  [200, { to: "embed", request: "GET /embed/a%2Fb%20%C3%BC" }],
  [404, { to: "embed", request: "GET /embed/nothing" }],
  [200, ask({ question }, { request: "POST /search" })],
  [200, ask({ question, topic_ids: [] }, { request: "POST /search" })],
  [400, ask({}, { request: "POST /search" })],
  [200, ask({ messages: [{ role: "user", content: question }] })],
  [200, ask({ messages: [...turns("And bees?"), { role: "user", content: "How do they?" }] })],
  [400, ask({ question, messages: [] })],
  [200, chat({ model: "edge-rag" })],
  [200, chat({ model: "edge-rag", stream: true, stream_options: { include_usage: true } }, { streams: true })],
  [400, chat({ model: "edge-rag", n: 2 })],
  [404, chat({ model: "other" })],
  [200, { to: "query", request: "GET /v1/models" }],
  [200, { to: "query", request: "GET /v1/models/edge-rag%3Atopic-7" }],
  [404, { to: "query", request: "GET /v1/models/other" }],
  [404, { to: "query", request: "GET /v1/nowhere" }],
  [200, mcp("initialize", { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: CLIENT })],
  [202, mcp("notifications/initialized", {}, {})],
  [200, mcp("tools/list")],
  [200, mcp("tools/call", { name: "ask", arguments: { question } })],
  [200, mcp("tools/call", { name: "ask", arguments: {} })],
  [200, mcp("resources/list")],
  [200, mcp("resources/read", { uri: "rag://documents/bees" })],
  [400, ask("{", { request: "POST /mcp", headers: { accept: BOTH } })],
  [406, ask({ jsonrpc: "2.0", id: 1, method: "ping" }, { request: "POST /mcp", headers: { accept: "text/html" } })],
  [405, { to: "query", request: "GET /mcp" }],
  [405, { to: "query", request: "DELETE /query" }],
  [200, { to: "embed", request: "DELETE /embed/a%2Fb%20%C3%BC" }],
];

function turns(text: string): object[] {
  return [
    { role: "user", content: text },
    { role: "assistant", content: "They dance." },
  ];
}
