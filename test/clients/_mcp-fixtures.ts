import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import type { CallToolResult, ContentBlock, Tool } from "@modelcontextprotocol/server";
import type { McpServer } from "#http/protocols/mcp/respond.ts";
import { addMcpRoute } from "#http/protocols/mcp/route.ts";
import { INVALID_PARAMS, RpcError } from "#http/protocols/mcp/rpc-error.ts";
import { serveWith } from "#http/protocols/mcp/serve.ts";
import type { McpSources } from "#http/protocols/mcp/sources.ts";
import { testApp } from "../http/_app.ts";

/** One red pixel. */
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
/** A header without samples. */
const WAV = "UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA=";
const IMAGE = { type: "image", data: PNG, mimeType: "image/png" } as const;
const text = (words: string) => ({ type: "text", text: words }) as const;
const resource = (uri: string, words: string, mimeType = "text/plain") =>
  ({ type: "resource", resource: { uri, mimeType, text: words } }) as const;

/** What the suite calls, by the names that its scenarios prescribe. */
const TOOLS: Readonly<Record<string, () => ContentBlock[]>> = {
  test_simple_text: () => [text("This is a simple text response for testing.")],
  test_image_content: () => [IMAGE],
  test_audio_content: () => [{ type: "audio", data: WAV, mimeType: "audio/wav" }],
  test_embedded_resource: () => [resource("test://embedded-resource", "This is an embedded resource content.")],
  test_multiple_content_types: () => [
    ...[text("Multiple content types test:"), IMAGE],
    resource("test://mixed-content-resource", '{"test":"data","value":123}', "application/json"),
  ],
  test_error_handling: () => [text("This tool intentionally returns an error for testing")],
  json_schema_2020_12_tool: () => [text("ok")],
};

const address = { type: "object", properties: { street: { type: "string" }, city: { type: "string" } } };
const SCHEMA_2020_12: Tool["inputSchema"] = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  $defs: { address },
  properties: { name: { type: "string" }, address: { $ref: "#/$defs/address" } },
  additionalProperties: false,
};

type Prompts = Readonly<Record<string, (args: Readonly<Record<string, string>>) => ContentBlock[]>>;
const PROMPTS: Prompts = {
  test_simple_prompt: () => [text("This is a simple prompt for testing.")],
  test_prompt_with_arguments: ({ arg1, arg2 }) => [text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)],
  test_prompt_with_embedded_resource: ({ resourceUri = "" }) => [
    resource(resourceUri, "Embedded resource content for testing."),
    text("Please process the embedded resource above."),
  ],
  test_prompt_with_image: () => [IMAGE, text("Please analyze the image above.")],
};
const ARGUMENTS: Readonly<Record<string, string[]>> = {
  test_prompt_with_arguments: ["arg1", "arg2"],
  test_prompt_with_embedded_resource: ["resourceUri"],
};

type Args = Readonly<Record<string, string>>;

const FIXTURES: McpServer = {
  info: { name: "fixtures", version: "1" },
  capabilities: { tools: {}, resources: { subscribe: true }, prompts: {}, completions: {}, logging: {} },
  methods: {
    "tools/list": () => ({
      tools: Object.keys(TOOLS).map((name) => ({
        ...{ name, description: name },
        inputSchema: name === "json_schema_2020_12_tool" ? SCHEMA_2020_12 : { type: "object" },
      })),
    }),
    "tools/call": ({ name }): CallToolResult => {
      const content = TOOLS[String(name)]?.();
      if (!content) throw new RpcError(INVALID_PARAMS, `There is no tool ${name}.`);
      return { content, ...(name === "test_error_handling" && { isError: true }) };
    },
    "prompts/list": () => ({
      prompts: Object.keys(PROMPTS).map((name) => ({
        ...{ name, description: name },
        arguments: (ARGUMENTS[name] ?? []).map((name) => ({ name, description: name, required: true })),
      })),
    }),
    "prompts/get": ({ name, arguments: args = {} }) => {
      const content = PROMPTS[String(name)]?.(args as Args) ?? [];
      return { messages: content.map((content) => ({ role: "user", content })) };
    },
    "resources/list": () => ({
      resources: ["test://static-text", "test://static-binary"].map((uri) => ({ uri, name: uri })),
    }),
    "resources/templates/list": () => ({
      resourceTemplates: [{ uriTemplate: "test://template/{id}/data", name: "template" }],
    }),
    "resources/read": ({ uri }) => {
      const id = /^test:\/\/template\/(\w+)\/data$/.exec(String(uri))?.[1];
      const data = { id, templateTest: true, data: `Data for ID: ${id}` };
      if (id !== undefined) return { contents: [{ uri, mimeType: "application/json", text: JSON.stringify(data) }] };
      return uri === "test://static-binary"
        ? { contents: [{ uri, mimeType: "image/png", blob: PNG }] }
        : { contents: [{ uri, mimeType: "text/plain", text: "This is the content of the static text resource." }] };
    },
    "completion/complete": () => ({ completion: { values: ["paris", "park"], hasMore: false } }),
    ...Object.fromEntries(
      ["resources/subscribe", "resources/unsubscribe", "logging/setLevel"].map((method) => [method, () => ({})]),
    ),
  },
};

/** A server of what the suite's scenarios prescribe, behind our own route, which alone speaks HTTP and the protocol. */
export async function startFixtures(): Promise<{ url: string; stop(): void }> {
  const { app } = testApp();
  addMcpRoute(app, {} as McpSources, { load: async () => serveWith(() => FIXTURES) });
  const invocation = { requestId: "test", coldStart: false };
  const respond = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const response = await app.fetch(await toRequest(incoming), { invocation });
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  };
  const server = createHttpServer((incoming, outgoing) => {
    void respond(incoming, outgoing).catch((error: unknown) => outgoing.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://localhost:${port}/mcp`, stop: () => void server.close(() => {}).closeAllConnections() };
}

async function toRequest(incoming: IncomingMessage): Promise<Request> {
  const { method = "", url = "", headers } = incoming;
  const body = await buffer(incoming);
  const entries = Object.entries(headers).map(([name, value]) => [name, [value].flat().join(", ")]);
  return new Request(`http://${headers.host}${url}`, {
    ...{ method, headers: Object.fromEntries(entries) },
    ...(body.length > 0 && { body: new Uint8Array(body) }),
  });
}
