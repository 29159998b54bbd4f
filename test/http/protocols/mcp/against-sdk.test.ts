import {
  createMcpHandler,
  isLegacyRequest,
  Server,
  WebStandardStreamableHTTPServerTransport,
} from "@modelcontextprotocol/server";
import fc from "fast-check";
import type { Context } from "hono";
import { expect, test } from "vitest";
import type { App, AppEnv } from "#http/context.ts";
import type { McpServer } from "#http/protocols/mcp/respond.ts";
import { HEADER_MISMATCH, UNSUPPORTED_HEADER, UNSUPPORTED_VERSION } from "#http/protocols/mcp/revision.ts";
import { addMcpRoute } from "#http/protocols/mcp/route.ts";
import { INTERNAL_ERROR, INVALID_PARAMS, RpcError } from "#http/protocols/mcp/rpc-error.ts";
import { serveWith } from "#http/protocols/mcp/serve.ts";
import type { McpSources, ServeMcp } from "#http/protocols/mcp/sources.ts";
import { post, testApp } from "../../_app.ts";

const SERVER: McpServer = {
  ...{ info: { name: "test", version: "1" }, capabilities: { tools: {}, resources: {} }, instructions: "Test it." },
  methods: {
    "tools/list": () => ({ tools: [{ name: "echo", inputSchema: { type: "object" } }] }),
    "tools/call": ({ name }) => {
      if (name !== "echo") throw new RpcError(INVALID_PARAMS, `There is no tool ${name}.`);
      return { content: [{ type: "text", text: "ok" }], _meta: { own: 1 } };
    },
    "resources/list": () => ({ resources: [] }),
    "resources/read": ({ uri }) => {
      throw new RpcError(INVALID_PARAMS, "Resource not found", { data: { uri } });
    },
  },
};

/** The protocol's SDK as the judge: the same methods, served by it. */
const serveBySdk: ServeMcp = async (c: Context<AppEnv>, parsedBody) => {
  const request = c.req.raw;
  const create = () => {
    const { info, methods, ...options } = SERVER;
    const server = new Server(info, options);
    for (const [method, run] of Object.entries(methods)) {
      server.setRequestHandler(method as "ping", async ({ params = {} }) => run(params));
    }
    return server;
  };
  if (!(await isLegacyRequest(request, parsedBody))) {
    return createMcpHandler(create, { legacy: "reject" }).fetch(request, { parsedBody });
  }
  const server = create();
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
  await server.connect(transport);
  try {
    return await transport.handleRequest(request, { parsedBody });
  } finally {
    await server.close();
  }
};

function appOf(serve: ServeMcp): App {
  const { app } = testApp();
  addMcpRoute(app, {} as McpSources, { load: async () => serve });
  return app;
}
const apps = { ours: appOf(serveWith(() => SERVER)), theirs: appOf(serveBySdk) };

interface Sent {
  body: unknown;
  headers: Record<string, string>;
}

/** Status and body of a response; of an error its code alone, as the texts differ. */
async function seenOf(app: App, { body, headers }: Sent): Promise<unknown> {
  const response = await post(app, "/mcp", body as object, {
    accept: "application/json, text/event-stream",
    ...headers,
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? undefined : withoutTexts(JSON.parse(text)) };
}

const ALIKE: ReadonlyMap<number, number> = new Map([
  // The SDK calls parameters that a method does not take an internal error.
  [INTERNAL_ERROR, INVALID_PARAMS],
  // Where a header and the revision are both wrong, either may be said.
  [HEADER_MISMATCH, UNSUPPORTED_VERSION],
]);

function withoutTexts(message: unknown): unknown {
  // The SDK sends the only response of a batch by itself, which JSON-RPC does not.
  if (Array.isArray(message)) return message.length === 1 ? withoutTexts(message[0]) : message.map(withoutTexts);
  const { error, ...rest } = message as { error?: { code: number } };
  if (!error) return rest;
  // The SDK knows no id when it refuses a header of an earlier revision.
  return {
    ...rest,
    ...(error.code === UNSUPPORTED_HEADER && { id: null }),
    error: ALIKE.get(error.code) ?? error.code,
  };
}

const PREFIX = "io.modelcontextprotocol/";
const VERSIONS = ["2026-07-28", "2025-11-25", "2024-10-07", "1999-01-01", "2027-01-01"];
const ENVELOPE = { [`${PREFIX}protocolVersion`]: "2026-07-28", [`${PREFIX}clientCapabilities`]: {} };
const METHODS = [
  ...["initialize", "ping", "server/discover", "tools/list", "tools/call", "resources/list", "resources/read"],
  ...["prompts/list", "logging/setLevel", "constructor", "made/up", "notifications/initialized"],
];

const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const version = fc.constantFrom(...VERSIONS);
const meta = fc.oneof(
  fc.constant(ENVELOPE),
  fc.record(
    {
      [`${PREFIX}protocolVersion`]: fc.oneof(version, fc.constant(7)),
      [`${PREFIX}clientCapabilities`]: fc.constantFrom({}, { tools: {} }, null),
      [`${PREFIX}clientInfo`]: fc.constantFrom({ name: "test", version: "1" }, { name: "test" }),
      progressToken: fc.constantFrom("a", 1, null),
    },
    { requiredKeys: [] },
  ),
);
const greeting = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "test", version: "1" } };
const params = fc
  .tuple(
    fc.constantFrom({}, { name: "echo" }, { name: "none", arguments: { a: 1 } }, { uri: "test://a" }, greeting),
    optional(meta),
  )
  .map(([given, _meta]) => ({ ...given, ...(_meta && { _meta }) }));
const id = fc.constantFrom(0, 7, "a", "", null, 1.5);
/** Whether the SDK looks at the header of an initialize depends on its other parameters. */
const greeted = <T extends { method: string; params?: unknown }>(sent: T): T =>
  sent.method === "initialize" && typeof sent.params !== "string" && !Array.isArray(sent.params)
    ? { ...sent, params: { ...greeting, ...(sent.params as object) } }
    : sent;
const message = fc
  .record(
    {
      jsonrpc: fc.constantFrom("2.0", "2.0", "2.0", "2.0", "1.0"),
      id,
      method: fc.constantFrom(...METHODS),
      params: fc.oneof({ weight: 9, arbitrary: params }, { weight: 1, arbitrary: fc.constantFrom([], "a", null) }),
      ...{ extra: fc.constant(undefined) },
    },
    { requiredKeys: ["jsonrpc", "method", "extra"] },
  )
  .map(greeted)
  // As a notification it would be nonsense.
  .filter((sent) => sent.method !== "initialize" || sent.id !== undefined);
const response = fc.constantFrom(
  { jsonrpc: "2.0", id: 1, result: {} },
  { jsonrpc: "2.0", id: 1, error: { code: 1, message: "no" } },
  { jsonrpc: "2.0", id: 1, error: {} },
  { hello: "world" },
);
const headers = fc
  .record({
    "mcp-protocol-version": optional(version),
    "mcp-method": optional(fc.constantFrom(...METHODS)),
    "mcp-name": optional(fc.constantFrom("echo", "none", "test://a", "=?base64?ZWNobw==?=", "=?base64?!?=")),
  })
  .map((all) => Object.fromEntries(Object.entries(all).flatMap(([name, value]) => (value ? [[name, value]] : []))));

/** Always the same messages: 20,000 others were tried. */
const [RUNS, SEED] = [400, 21];

async function same(sent: Sent): Promise<void> {
  expect(await seenOf(apps.ours, sent)).toEqual(await seenOf(apps.theirs, sent));
}

test("any message with any headers gets what the protocol's SDK responds", async () => {
  const body = fc.oneof({ weight: 12, arbitrary: message }, { weight: 1, arbitrary: response });
  await fc.assert(
    fc.asyncProperty(fc.record({ body, headers }), async (sent) => {
      await same(sent);
    }),
    { numRuns: RUNS, seed: SEED },
  );
});

test("so does a message of the latest revision whose headers agree with it", async () => {
  const method = fc.constantFrom(...METHODS);
  await fc.assert(
    fc.asyncProperty(method, params, optional(fc.constantFrom(1, "a")), async (method, given, id) => {
      const body = { jsonrpc: "2.0", ...(id !== undefined && { id }), method, params: { ...given, _meta: ENVELOPE } };
      const name = "name" in given ? given.name : "uri" in given ? given.uri : "none";
      await same({
        body,
        headers: { "mcp-protocol-version": VERSIONS[0] ?? "", "mcp-method": method, "mcp-name": name },
      });
    }),
    { numRuns: RUNS, seed: SEED },
  );
});

test("so do messages of earlier revisions, alone and in batches", async () => {
  const earlier = fc.record({ jsonrpc: fc.constant("2.0"), id: fc.nat(), method: fc.constantFrom(...METHODS), params });
  const legacy = earlier.map(({ params: { _meta, ...given }, ...rest }) => greeted({ ...rest, params: given }));
  const member = fc.oneof({ weight: 6, arbitrary: legacy }, { weight: 1, arbitrary: message });
  // The SDK takes an id twice for one, and refuses a batch with initialize only if its parameters are valid.
  const batch = fc.uniqueArray(
    member.filter(({ method }) => method !== "initialize"),
    { minLength: 2, maxLength: 5, selector: ({ id }) => String(id) },
  );
  await fc.assert(
    fc.asyncProperty(fc.oneof(legacy, batch), optional(version), async (body, named) => {
      await same({ body, headers: named === undefined ? {} : { "mcp-protocol-version": named } });
    }),
    { numRuns: RUNS, seed: SEED },
  );
});
