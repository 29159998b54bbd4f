import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { addMcpRoute } from "#http/protocols/mcp/route.ts";
import type { McpSources } from "#http/protocols/mcp/sources.ts";
import { post, send, testApp } from "../../_app.ts";
import { HEADERS, mcpWorld } from "./_mcp.ts";

const PING = { jsonrpc: "2.0", id: 1, method: "ping" };
const INITIALIZE = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } };

test("a client of the earlier protocol begins with initialize, and gets no session", async () => {
  const { app } = mcpWorld();
  const message = { ...PING, method: "initialize", params: INITIALIZE };
  const response = await post(app, "/mcp", message, HEADERS);
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(response.headers.has("mcp-session-id")).toBe(false);
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  expect(await response.json()).toMatchObject({
    id: 1,
    result: {
      protocolVersion: "2025-11-25",
      capabilities: { tools: {}, resources: {} },
      serverInfo: { name: "edge-rag", version },
      instructions: expect.stringContaining("`ask`"),
    },
  });
  const notification = { jsonrpc: "2.0", method: "notifications/initialized" };
  expect((await post(app, "/mcp", notification, HEADERS)).status).toBe(202);
});

test("a client of the protocol of 2026-07-28 discovers the server, and calls it without a handshake", async () => {
  const { rpc, calls } = mcpWorld();
  const version = "2026-07-28";
  const meta = {
    "io.modelcontextprotocol/protocolVersion": version,
    "io.modelcontextprotocol/clientInfo": { name: "test", version: "1" },
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  const modern = (method: string, params: object = {}, headers: Record<string, string> = {}) =>
    rpc(method, { ...params, _meta: meta }, { "mcp-protocol-version": version, "mcp-method": method, ...headers });
  expect(await modern("server/discover")).toMatchObject({ status: 200, result: { supportedVersions: [version] } });
  const called = await modern("tools/call", { name: "ask", arguments: { question: "When?" } }, { "mcp-name": "ask" });
  expect(called).toMatchObject({ status: 200, result: { structuredContent: { answer: "In March. [1]" } } });
  expect(calls.map(({ method, tool }) => [method, tool])).toEqual([
    ["server/discover", undefined],
    ["tools/call", "ask"],
  ]);
  // It would be a stream without an end.
  const listening = await modern("subscriptions/listen", { notifications: { toolsListChanged: true } });
  expect(listening).toMatchObject({ status: 404, error: { code: -32601 } });
});

test("GET and DELETE are 405: there are no streams and no sessions", async () => {
  const { app } = mcpWorld();
  for (const method of ["GET", "DELETE"]) {
    const response = await send(app, "/mcp", { method, headers: HEADERS });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "POST"]);
  }
});

test("what cannot be read is a JSON-RPC error with the problem, and counts as invalid", async () => {
  const { app, seen } = mcpWorld();
  const attempts = [
    ["{", HEADERS, 400, -32700, "The body is not valid JSON."],
    ["", HEADERS, 400, -32700, "The body is empty."],
    ["[".repeat(1000), HEADERS, 400, -32700, expect.stringContaining("levels")],
    [new Uint8Array(6 * 1024 * 1024 + 1), HEADERS, 413, -32600, expect.stringContaining("bytes")],
    [PING, { ...HEADERS, "content-type": "text/plain" }, 415, -32600, expect.stringContaining("application/json")],
  ] as const;
  for (const [body, headers, status, code, message] of attempts) {
    const response = await post(app, "/mcp", body, headers);
    expect(response.status).toBe(status);
    expect(response.headers.get("content-type")).toBe("application/json");
    const data = { status, detail: message, stage: "validation", trace_id: expect.any(String) };
    expect(await response.json()).toMatchObject({ jsonrpc: "2.0", id: null, error: { code, message, data } });
  }
  expect(seen.map(({ stage }) => stage)).toEqual(attempts.map(() => "validation"));
});

test("an unknown method, an unknown version and a message that is none are errors of the protocol", async () => {
  const { app, rpc, calls } = mcpWorld();
  expect(await rpc("tools/unknown")).toMatchObject({ status: 200, error: { code: -32601 } });
  expect(calls).toEqual([]);
  expect(await rpc("ping", {}, { "mcp-protocol-version": "1999-01-01" })).toMatchObject({
    status: 400,
    error: { message: expect.stringContaining("Unsupported protocol version: 1999-01-01") },
  });
  const none = await post(app, "/mcp", { hello: "world" }, HEADERS);
  expect(none.status).toBe(400);
  expect(await none.json()).toMatchObject({ id: null, error: { code: -32600 } });
});

test("a batch has the responses of its requests, at most ten, also when one of them is cancelled in it", async () => {
  const { app } = mcpWorld();
  const cancel = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } };
  const response = await post(app, "/mcp", [PING, cancel, { ...PING, id: 2 }], HEADERS);
  expect(await response.json()).toMatchObject([
    { id: 1, result: {} },
    { id: 2, result: {} },
  ]);
  const many = await post(
    app,
    "/mcp",
    Array.from({ length: 11 }, (_, id) => ({ ...PING, id })),
    HEADERS,
  );
  expect(many.status).toBe(400);
  expect(await many.json()).toMatchObject({
    error: { code: -32600, message: "A batch may have 1 to 10 messages." },
  });
  expect((await post(app, "/mcp", [], HEADERS)).status).toBe(400);
});

test("a page may call it only from an origin that CORS allows, or from this machine to this machine", async () => {
  const local = mcpWorld().app;
  const listed = mcpWorld({}, { keys: [], corsOrigins: ["https://chat.example.com"] }).app;
  const any = mcpWorld({}, { keys: [], corsOrigins: ["*"] }).app;
  const statusFor = async (app: typeof local, origin: string, server = "http://localhost") => {
    const init = { method: "POST", headers: { ...HEADERS, "content-type": "application/json", origin } };
    const invocation = { requestId: "test", coldStart: false };
    return (await app.request(`${server}/mcp`, { ...init, body: JSON.stringify(PING) }, { invocation })).status;
  };
  expect(await statusFor(local, "http://evil.example.com")).toBe(403);
  // The name of a page that points to this machine.
  expect(await statusFor(local, "http://evil.example.com", "http://evil.example.com")).toBe(403);
  expect(await statusFor(local, "http://localhost:6274", "http://127.0.0.1:3000")).toBe(200);
  expect(await statusFor(local, "http://localhost:6274", "https://rag.example.com")).toBe(403);
  expect(await statusFor(local, "null")).toBe(403);
  expect(await statusFor(listed, "https://chat.example.com")).toBe(200);
  expect(await statusFor(listed, "https://chat.example.com.evil.example")).toBe(403);
  expect(await statusFor(any, "https://anything.example")).toBe(200);
});

test("its module is loaded by the first request that it can read", async () => {
  let loads = 0;
  const load = async () => {
    loads += 1;
    return async () => new Response("served");
  };
  const { app } = testApp();
  addMcpRoute(app, {} as McpSources, { load });
  await post(app, "/mcp", "{");
  expect(loads).toBe(0);
  expect(await (await post(app, "/mcp", PING)).text()).toBe("served");
  await post(app, "/mcp", PING);
  expect(loads).toBe(1);
});

test("a client must accept JSON: by name, or as one of anything", async () => {
  const { app } = mcpWorld();
  const statusOf = async (accept: string) => (await post(app, "/mcp", PING, { ...HEADERS, accept })).status;
  expect(await statusOf("*/*")).toBe(200);
  expect((await post(app, "/mcp", PING)).status).toBe(200);
  expect(await statusOf("text/event-stream")).toBe(406);
  expect(await statusOf("text/html")).toBe(406);
});
