import { describe, expect, it } from "vitest";
import { LATEST } from "#http/protocols/mcp/revision.ts";
import { post } from "../../_app.ts";
import { HEADERS, mcpWorld } from "./_mcp.ts";

const PREFIX = "io.modelcontextprotocol/";
const META = { [`${PREFIX}protocolVersion`]: LATEST, [`${PREFIX}clientCapabilities`]: {} };
const CALL = { name: "ask", arguments: { question: "When?" } };
const AGREEING = { "mcp-protocol-version": LATEST, "mcp-method": "tools/call", "mcp-name": "ask" };

/** Sends a call of a tool by the latest revision. */
async function send(headers: Readonly<Record<string, string | undefined>> = {}, meta: object = META) {
  const message = { jsonrpc: "2.0", id: "a", method: "tools/call", params: { ...CALL, _meta: meta } };
  const all = Object.entries({ ...AGREEING, ...headers }).filter((entry): entry is [string, string] => !!entry[1]);
  const response = await post(mcpWorld().app, "/mcp", message, Object.fromEntries(all));
  return { status: response.status, body: await response.json() };
}

describe("a request of the revision of 2026-07-28", () => {
  it("is answered with who the server is, and that the result is complete", async () => {
    const { status, body } = await send();
    expect(status).toBe(200);
    const server = { name: "edge-rag", title: "Edge RAG", version: expect.any(String) };
    expect(body).toMatchObject({ result: { resultType: "complete", _meta: { [`${PREFIX}serverInfo`]: server } } });
  });

  it("has lists that nobody may keep: they depend on the key", async () => {
    const headers = { "mcp-protocol-version": LATEST, "mcp-method": "tools/list" };
    const { result } = await mcpWorld().rpc("tools/list", { _meta: META }, headers);
    expect(result).toMatchObject({ ttlMs: 0, cacheScope: "private", tools: [{ name: "search" }, { name: "ask" }] });
  });

  it.each([
    ["a missing MCP-Protocol-Version", { "mcp-protocol-version": undefined }],
    ["another MCP-Protocol-Version", { "mcp-protocol-version": "2025-11-25" }],
    ["a missing Mcp-Method", { "mcp-method": undefined }],
    ["another Mcp-Method", { "mcp-method": "tools/list" }],
    ["a missing Mcp-Name", { "mcp-name": undefined }],
    ["another Mcp-Name", { "mcp-name": "search" }],
    ["another Mcp-Name, in Base64", { "mcp-name": "=?base64?c2VhcmNo?=" }],
  ])("is refused for %s", async (_, headers) => {
    expect(await send(headers)).toMatchObject({ status: 400, body: { id: "a", error: { code: -32020 } } });
  });

  it("may name its tool in Base64", async () => {
    expect((await send({ "mcp-name": "=?base64?YXNr?=" })).status).toBe(200);
  });

  it("is refused when it does not say what its client can do", async () => {
    const key = `${PREFIX}clientCapabilities`;
    const { status, body } = await send({}, { ...META, [key]: undefined });
    expect({ status, body }).toMatchObject({
      status: 400,
      body: { error: { code: -32602, data: { envelope: { key } } } },
    });
    const without = await send({}, {});
    expect(without).toMatchObject({ status: 400, body: { error: { code: -32602 } } });
  });

  it("is told which revisions there are when it is of none of them", async () => {
    const later = "2027-01-01";
    const { status, body } = await send(
      { "mcp-protocol-version": later },
      { ...META, [`${PREFIX}protocolVersion`]: later },
    );
    const error = { code: -32022, data: { supported: [LATEST], requested: later } };
    expect({ status, body }).toMatchObject({ status: 400, body: { error } });
  });

  it("has no initialize and no ping, and is 404 for them as for a method that is not there", async () => {
    for (const method of ["initialize", "ping", "made/up", "constructor"]) {
      const headers = { "mcp-protocol-version": LATEST, "mcp-method": method };
      expect(await mcpWorld().rpc(method, { _meta: META }, headers)).toMatchObject({
        ...{ status: 404, error: { code: -32601 } },
      });
    }
  });

  it("may not be in a batch", async () => {
    const message = { jsonrpc: "2.0", id: 1, method: "tools/list", params: { _meta: META } };
    const response = await post(mcpWorld().app, "/mcp", [message], HEADERS);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ id: null, error: { code: -32600 } });
  });
});

describe("a client of an earlier revision", () => {
  const greeting = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "test", version: "1" } };

  it("gets the revision that it asks for, or the newest one", async () => {
    const { rpc } = mcpWorld();
    const versionFor = async (protocolVersion: string) =>
      (await rpc("initialize", { ...greeting, protocolVersion })).result.protocolVersion;
    expect(await versionFor("2025-06-18")).toBe("2025-06-18");
    expect(await versionFor("1999-01-01")).toBe("2025-11-25");
    expect(await versionFor(LATEST)).toBe("2025-11-25");
  });

  it("is told what initialize needs, and that a later revision has none", async () => {
    const { rpc } = mcpWorld();
    expect(await rpc("initialize", {})).toMatchObject({ status: 200, error: { code: -32602 } });
    expect(await rpc("initialize", greeting, { "mcp-protocol-version": LATEST })).toMatchObject({
      ...{ status: 400, error: { code: -32020 } },
    });
  });

  it("may respond to what it was not asked, which is received", async () => {
    const { app } = mcpWorld();
    for (const response of [{ result: {} }, { error: { code: 1, message: "no" } }])
      expect((await post(app, "/mcp", { jsonrpc: "2.0", id: 1, ...response }, HEADERS)).status).toBe(202);
  });

  it("is told what is wrong with parameters, which count as invalid", async () => {
    const { rpc, seen } = mcpWorld();
    for (const [method, params] of [
      ["tools/call", { name: 7 }],
      ["resources/read", {}],
      ["resources/list", { cursor: 7 }],
    ] as const)
      expect(await rpc(method, params)).toMatchObject({ status: 200, error: { code: -32602, data: { status: 400 } } });
    expect(seen.map(({ stage }) => stage)).toEqual(["validation", "validation", "validation"]);
  });

  it("has its initialize alone", async () => {
    const messages = [{ jsonrpc: "2.0", id: 1, method: "initialize", params: greeting }];
    expect((await post(mcpWorld().app, "/mcp", messages, HEADERS)).status).toBe(400);
  });
});
