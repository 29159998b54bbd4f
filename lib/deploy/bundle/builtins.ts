import { isBuiltin } from "node:module";
import type { Plugin } from "esbuild";

const IDENTIFIER = /^[a-z_$][\w$]*$/i;

/**
 * Reads of Node's own modules what is used of them. An ES import reads their every export, of which some load what
 * nobody asked for: all of Node's fetch with node:http, the Web Crypto API with node:crypto, terminals with node:util. And
 * an ES module has no `require`, which X-Ray's packages use.
 */
export const getBuiltins: Plugin = {
  name: "get-builtins",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[\w:/]+$/ }, ({ path, kind }) =>
      isBuiltin(path) ? { path, namespace: kind === "import-statement" ? "imported" : "required" } : undefined,
    );
    onLoad({ filter: /./, namespace: "required" }, ({ path }) => ({ contents: `module.exports = ${get(path)};` }));
    onLoad({ filter: /./, namespace: "imported" }, ({ path }) => ({ contents: moduleOf(path) }));
  },
};

/** An ES module of which the bundler leaves out what nobody imports. */
function moduleOf(path: string): string {
  const names = Object.keys(process.getBuiltinModule(path) ?? {}).filter((name) => IDENTIFIER.test(name));
  const exports = names.map((name) => `export const ${name} = /* @__PURE__ */ (() => $builtin.${name})();`);
  return [`const $builtin = /* @__PURE__ */ ${get(path)};`, "export default $builtin;", ...exports].join("\n");
}

function get(path: string): string {
  return `process.getBuiltinModule(${JSON.stringify(path)})`;
}
