import { expect, test } from "vitest";
import { limitRate } from "#http/middleware/rate-limit.ts";
import { addMcpRoute } from "#http/protocols/mcp/route.ts";
import type { McpSources } from "#http/protocols/mcp/sources.ts";
import { post, testApp } from "../../_app.ts";
import { HEADERS, mcpWorld } from "./_mcp.ts";

const CALL = {
  ...{ jsonrpc: "2.0", id: 1, method: "tools/call" },
  params: { name: "ask", arguments: { question: "When?" } },
};

test("a caller over the rate limit gets 429 with the time to wait, before anything is loaded", async () => {
  const { app } = testApp();
  const quota = { allowed: false, limit: 1, remaining: 0, resetMs: 4_200 };
  app.use(limitRate({ limiter: { windowMs: 60_000, limit: async () => quota }, onError() {} }));
  const load = () => Promise.reject(new Error("it was loaded"));
  addMcpRoute(app, {} as McpSources, { load });
  const response = await post(app, "/mcp", CALL, HEADERS);
  expect([response.status, response.headers.get("retry-after")]).toEqual([429, "5"]);
});

test("a tool that takes longer than the request has is aborted, and the response is 504", async () => {
  const signals: (AbortSignal | undefined)[] = [];
  const { app, seen } = mcpWorld({
    ask: (_, call) => {
      signals.push(call?.signal);
      return new Promise(() => {});
    },
  });
  // Loads the module, which may take longer than the request has.
  await post(mcpWorld().app, "/mcp", { jsonrpc: "2.0", id: 1, method: "ping" }, HEADERS);
  const init = { method: "POST", headers: { ...HEADERS, "content-type": "application/json" } };
  const invocation = { requestId: "test", coldStart: false, timeLeftMs: 100 };
  const response = await app.request("http://localhost/mcp", { ...init, body: JSON.stringify(CALL) }, { invocation });
  expect(response.status).toBe(504);
  expect(await response.json()).toMatchObject({ title: "Deadline exceeded", stage: "deadline" });
  expect(signals.map((signal) => signal?.aborted)).toEqual([true]);
  expect(seen).toMatchObject([{ route: "/mcp", status: 504, stage: "deadline" }]);
});
