import type { Plugin } from "esbuild";
import { openApiDocument } from "#http/openapi.ts";

/** Writes the OpenAPI document down, so that what makes JSON Schema of the schemas, 20 KB, is not needed to serve it. */
export const writeOpenApi: Plugin = {
  name: "write-openapi",
  setup({ onLoad }) {
    onLoad({ filter: /\/lib\/http\/openapi\.ts$/ }, () => ({
      contents: `const document = ${JSON.stringify(openApiDocument())};\nexport const openApiDocument = () => document;`,
    }));
  },
};
