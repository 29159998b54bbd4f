/** Texts for docs/API.md about the Model Context Protocol. */

const CALL = {
  ...{ jsonrpc: "2.0", id: 1, method: "tools/call" },
  params: { name: "ask", arguments: { question: "When do unused days expire?", top_k: 1 } },
};
const SERVER = { type: "http", url: "https://rag.example.com/mcp", headers: { Authorization: "Bearer KEY" } };
const json = (value: object): string => `\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\``;

export const MCP_OPERATIONS: Readonly<Record<string, { about: string; curl: string; response: object }>> = {
  mcp: {
    about:
      "The [Model Context Protocol](https://modelcontextprotocol.io), for assistants and agents: [From MCP clients](#from-mcp-clients). The body is one message, or a batch of up to 10, of JSON-RPC 2.0. There are no sessions and no streams: each response is one JSON body, and `GET` and `DELETE` respond with 405.",
    curl: `curl -s http://localhost:3000/mcp -H 'content-type: application/json' -d '${JSON.stringify(CALL)}'`,
    response: {
      ...{ jsonrpc: "2.0", id: 1 },
      result: {
        content: [
          {
            type: "text",
            text: "Unused days expire in March. [1]\n\nSources:\n[1] Leave: rag://documents/handbook%2Fleave.md",
          },
        ],
        structuredContent: { answer: "Unused days expire in March. [1]", answered: true, citations: [] },
      },
    },
  },
};

export const MCP_FIELDS: Readonly<Record<string, string>> = {
  "McpResponse.jsonrpc": "The version of JSON-RPC.",
  "McpResponse.result": "As the protocol defines for the method; of a tool that failed, with `isError`.",
  "McpResponse.error": "Why the request failed, where no tool did.",
  "McpResponse.error.code": "A code of JSON-RPC or of MCP.",
  "McpResponse.error.message": "Why, for people.",
};

export const MCP = `### From MCP clients

Add a server with the transport HTTP (streamable HTTP), the address \`/mcp\`, and, where the service has keys, the header \`authorization\`. On a laptop the address is \`http://localhost:3000/mcp\`, without the header.

VS Code, in \`.vscode/mcp.json\`:

${json({ servers: { "edge-rag": SERVER } })}

Cursor, in \`.cursor/mcp.json\`, and other clients that list \`mcpServers\`:

${json({ mcpServers: { "edge-rag": { url: SERVER.url, headers: SERVER.headers } } })}

Claude Desktop sends no header of its own choice, so a bridge, \`mcp-remote\` from npm, has to; in \`claude_desktop_config.json\`:

${json({
  mcpServers: {
    "edge-rag": {
      command: "npx",
      args: ["mcp-remote", SERVER.url, "--header", `Authorization:\${EDGE_RAG_AUTH}`],
      env: { EDGE_RAG_AUTH: "Bearer KEY" },
    },
  },
})}

- **Tools**: \`ask\` answers with citations, \`search\` finds the passages alone. Both take \`question\`, \`topic_ids\`, \`top_k\`, \`filter\` and \`min_score\`, as [\`POST /search\`](#post-search) does. The result is text for a model to read, and as \`structuredContent\` the response of [\`POST /query\`](#post-query) or \`POST /search\`.
- **Resources** are the documents that the key may read, page by page. Their URIs, \`rag://documents/ID\` with the id percent-encoded, are also in what the tools return. A long document comes in parts: the first one names the URI of the next.
- **Errors**: a tool that cannot answer returns a result with \`isError\` that says why, as the other routes would: what is wrong with its arguments, or which service is down. When only the language model failed, the passages that were found are part of it. A document that is not there, or not for this key, is the error -32602 with its \`uri\`.
- **Versions**: 2026-07-28, and for clients that begin with \`initialize\` 2025-11-25 and earlier.
- **Pages** in a browser may call it from the origins of \`RAG_CORS_ORIGINS\`, and from a laptop's own to that laptop; others get 403. Programs send no origin.
- **Traces**: besides the header, \`traceparent\` in a message's \`_meta\` is heeded: the span of the request is linked to it ([Observability](OBSERVABILITY.md#spans)).

Tested are the protocol's own conformance suite, its inspector, and its SDK's clients of versions 1 and 2 (\`npm run test:clients\`).`;
