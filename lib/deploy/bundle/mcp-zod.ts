import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import type { Plugin } from "esbuild";

/** JSON Schemas are written while bundling; MCP's SDK would only convert those that it is given as schemas of zod. */
const TO_JSON_SCHEMA = /\/zod\/v4\/core\/(?:to-json-schema|json-schema-processors)\.js$/;
const NAMESPACE = "mcp-zod";

/**
 * Gives MCP's SDK a zod of its own. It uses all of zod, and what it shared with the functions, who use the smaller
 * `zod/mini`, would be loaded by every cold start: 25 KB more. zod keeps what must be common, such as the language of its
 * messages, on `globalThis`.
 */
export const copyZodForMcp: Plugin = {
  name: "mcp-zod",
  setup({ onResolve, onLoad, resolve, initialOptions, esbuild }) {
    const root = initialOptions.absWorkingDir ?? process.cwd();
    const find = async (path: string, resolveDir: string) => {
      const found = await resolve(path, { resolveDir, kind: "import-statement", pluginData: NAMESPACE });
      if (found.errors.length > 0) return found;
      // From the top of the project: the output must not depend on where packages are installed.
      return { path: relative(root, found.path), namespace: NAMESPACE, sideEffects: found.sideEffects };
    };
    onResolve({ filter: /^zod(?:\/|$)/ }, ({ path, importer, resolveDir, pluginData }) => {
      const isMcp = importer.includes("/node_modules/@modelcontextprotocol/");
      return isMcp && pluginData !== NAMESPACE ? find(path, resolveDir) : undefined;
    });
    onResolve({ filter: /^\./, namespace: NAMESPACE }, ({ path, resolveDir }) => find(path, resolveDir));
    onLoad({ filter: /./, namespace: NAMESPACE }, async ({ path }) => {
      const file = `${root}/${path}`;
      const resolveDir = file.slice(0, file.lastIndexOf("/"));
      if (!TO_JSON_SCHEMA.test(path)) return { contents: await readFile(file, "utf8"), resolveDir };
      const { metafile } = await esbuild.build({ entryPoints: [file], write: false, metafile: true });
      const names = Object.values(metafile.outputs).flatMap(({ exports }) => exports);
      return { contents: names.map((name) => `export const ${name} = () => () => {};`).join("\n") };
    });
  },
};
