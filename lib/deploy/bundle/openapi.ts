import type { Plugin } from "esbuild";
import { openApiDocument } from "#http/openapi.ts";

/** Inlines the OpenAPI document, so that the code that converts schemas to JSON Schema, 20 KB, is not bundled. */
export const writeOpenApi: Plugin = {
  name: "write-openapi",
  setup({ onLoad }) {
    onLoad({ filter: /\/lib\/http\/openapi\.ts$/ }, () => ({
      contents: `const document = ${JSON.stringify(openApiDocument())};\nexport const openApiDocument = () => document;`,
    }));
  },
};
