import { errorResponses, type Json, json, KEYED, NO_KEY, problem } from "#http/openapi-parts.ts";

const message: Json = {
  type: "object",
  required: ["jsonrpc", "method"],
  properties: {
    jsonrpc: { const: "2.0" },
    id: { type: ["string", "integer"], description: "Absent for a notification, which has no response." },
    method: { type: "string", description: "`initialize`, `tools/list`, `tools/call`, `resources/read`, …" },
    params: { type: "object", description: "As the protocol defines for the method." },
  },
  additionalProperties: false,
};
const response: Json = {
  type: "object",
  required: ["jsonrpc", "id"],
  properties: {
    jsonrpc: { const: "2.0" },
    id: { type: ["string", "number", "null"], description: "That of the request." },
    result: { type: "object" },
    error: {
      ...{ type: "object", required: ["code", "message"] },
      properties: {
        code: { type: "integer" },
        message: { type: "string" },
        data: { description: "The problem, where the failure is the service's or the body could not be read." },
      },
    },
  },
};
const refused = (description: string): Json => json("McpResponse", description);

/** MCP in the OpenAPI document: the envelope of its messages. What is in them, the protocol itself describes to clients. */
export const mcpPaths: Json = {
  "/mcp": {
    post: {
      operationId: "mcp",
      ...KEYED,
      summary: "Call the tools and read the documents as a client of MCP does",
      requestBody: { required: true, content: { "application/json": { schema: message } } },
      responses: {
        ...errorResponses({ hasBody: true, writes: false }),
        200: json("McpResponse", "The response; also of a request that failed, and of a tool that did."),
        202: { description: "A notification was received." },
        400: refused("The message is not valid, or of a version of the protocol that is not supported."),
        401: problem(NO_KEY),
        403: refused("The page that sent it is of an origin that is not allowed."),
        406: refused("The client accepts no JSON."),
        413: refused("The body is over 6 MiB."),
        415: refused("The body is not application/json."),
      },
    },
  },
};

export const mcpSchemas: Json = { McpResponse: response };
