import { readFile } from "node:fs/promises";
import type { Plugin } from "esbuild";
import { openApiDocument } from "#http/openapi.ts";
import { toolSchemas } from "#http/protocols/mcp/tool-schemas.ts";

/** A description of a field: literals, joined. */
const DESCRIPTION = /\bdescribe\((?:\s|\+|,|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')+\)/g;

/**
 * Inlines the OpenAPI document and the schemas of MCP's tools, so that the code that converts schemas to JSON Schema, 20 KB,
 * is not bundled. Nor are the descriptions in the schemas: only what was inlined has them.
 */
export const writeOpenApi: Plugin = {
  name: "write-openapi",
  setup({ onLoad }) {
    const inline = (name: string, document: object): string =>
      `const document = ${JSON.stringify(document)};\nexport const ${name} = () => document;`;
    onLoad({ filter: /\/lib\/http\/(?:schemas|field-schemas|schemas\/[\w-]+)\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replace(
        DESCRIPTION,
        // Lines stay where they are, for stack traces.
        (call) => `describe(${call.replace(/[^\n]/g, "")})`,
      ),
      loader: "ts",
    }));
    onLoad({ filter: /\/lib\/http\/openapi\.ts$/ }, () => ({ contents: inline("openApiDocument", openApiDocument()) }));
    onLoad({ filter: /\/lib\/http\/protocols\/mcp\/tool-schemas\.ts$/ }, () => ({
      contents: inline("toolSchemas", toolSchemas()),
    }));
  },
};
