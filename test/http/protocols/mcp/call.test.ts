import { expect, test } from "vitest";
import { callOf } from "#http/protocols/mcp/call.ts";

const TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const message = (method: string, params?: object, id: unknown = 1) => ({ jsonrpc: "2.0", id, method, params });

test("a message names its method, its id, and the tool or the resource", () => {
  expect(callOf(message("tools/call", { name: "ask", arguments: { question: "secret" } }))).toEqual({
    ...{ method: "tools/call", id: "1", tool: "ask" },
  });
  expect(callOf(message("resources/read", { uri: "rag://documents/a" }, "r-1"))).toEqual({
    ...{ method: "resources/read", id: "r-1", resource: "rag://documents/a" },
  });
  expect(callOf({ jsonrpc: "2.0", method: "notifications/initialized" })).toEqual({
    method: "notifications/initialized",
  });
});

test("the caller's traceparent is taken from the metadata of the parameters, if it is one", () => {
  expect(callOf(message("ping", { _meta: { traceparent: TRACEPARENT } }))?.traceparent).toBe(TRACEPARENT);
  for (const traceparent of ["", "00-1-2-01", 7, TRACEPARENT.toUpperCase()])
    expect(callOf(message("ping", { _meta: { traceparent } }))).not.toHaveProperty("traceparent");
});

test("what a caller makes up is not recorded: other methods, long names, batches, and what is no message", () => {
  expect(callOf(message("tools/call", { name: "x".repeat(200) }))).not.toHaveProperty("tool");
  expect(callOf(message("ping", {}, "x".repeat(200)))).not.toHaveProperty("id");
  expect(callOf(message("ping", {}, { a: 1 }))).not.toHaveProperty("id");
  for (const body of [message("made/up"), [message("ping")], null, "ping", 7, { method: 7 }])
    expect(callOf(body)).toBeUndefined();
});
