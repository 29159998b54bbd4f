import { expect, it, onTestFinished } from "vitest";
import { createApi, createEventBus } from "#console/server/api.ts";
import { startFront } from "#console/server/front.ts";
import { freePort } from "../../../../local-stack/stack/ports.ts";

it.each([
  ["/query", "text/event-stream", true],
  ["/query?a=1", "text/event-stream, application/json;q=0.5", true],
  ["/v1/chat/completions", "text/event-stream", true],
  ["/query", "application/json", false],
  ["/query", "*/*", false],
  ["/query", "application/json, text/event-stream;q=0.1", false],
  // What clients of MCP send, for which there are no streams.
  ["/mcp", "application/json, text/event-stream", false],
  ["/embed", "text/event-stream", false],
])("asks for the server of streams for %s and Accept: %s: %s", async (path, accept, expected) => {
  const asked: boolean[] = [];
  const port = await freePort();
  const front = await startFront({
    port,
    api: createApi(() => ({ functions: "ready", telemetry: { kind: "off" }, needsKey: false }), createEventBus()),
    functionsPort: (isStream) => void asked.push(isStream),
  });
  onTestFinished(() => front.close());
  const response = await fetch(`${front.url}${path}`, { method: "POST", headers: { accept }, body: "{}" });
  expect(response.status).toBe(503);
  expect(asked).toEqual([expected]);
});
