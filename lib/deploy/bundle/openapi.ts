import type { Plugin } from "esbuild";
import { openApiDocument } from "#http/openapi.ts";
import { toolSchemas } from "#http/protocols/mcp/tool-schemas.ts";

/**
 * Inlines the OpenAPI document and the schemas of MCP's tools, so that the code that converts schemas to JSON Schema, 20 KB,
 * is not bundled.
 */
export const writeOpenApi: Plugin = {
  name: "write-openapi",
  setup({ onLoad }) {
    const inline = (name: string, document: object): string =>
      `const document = ${JSON.stringify(document)};\nexport const ${name} = () => document;`;
    onLoad({ filter: /\/lib\/http\/openapi\.ts$/ }, () => ({ contents: inline("openApiDocument", openApiDocument()) }));
    onLoad({ filter: /\/lib\/http\/protocols\/mcp\/tool-schemas\.ts$/ }, () => ({
      contents: inline("toolSchemas", toolSchemas()),
    }));
  },
};
