import { isBuiltin } from "node:module";
import type { Plugin } from "esbuild";

const IDENTIFIER = /^[a-z_$][\w$]*$/i;

/**
 * Reads only the exports of Node's built-in modules that are used. An ES `import` reads every export, and some of them
 * load more: Node's fetch with node:http, the Web Crypto API with node:crypto, terminal colours with node:util. It also
 * replaces `require`, which an ES module lacks and X-Ray's packages call. `import()` stays Node's own: with code
 * splitting, esbuild would give it only a default export.
 */
export const getBuiltins: Plugin = {
  name: "get-builtins",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[\w:/]+$/ }, ({ path, kind }) => {
      if (!isBuiltin(path)) return undefined;
      if (kind === "dynamic-import") return { path, external: true };
      return { path, namespace: kind === "import-statement" ? "imported" : "required" };
    });
    onLoad({ filter: /./, namespace: "required" }, ({ path }) => ({ contents: `module.exports = ${get(path)};` }));
    onLoad({ filter: /./, namespace: "imported" }, ({ path }) => ({ contents: moduleOf(path) }));
  },
};

/** An ES module whose unused exports the bundler drops. */
function moduleOf(path: string): string {
  const names = Object.keys(process.getBuiltinModule(path) ?? {}).filter((name) => IDENTIFIER.test(name));
  const exports = names.map((name) => `export const ${name} = /* @__PURE__ */ (() => $builtin.${name})();`);
  return [`const $builtin = /* @__PURE__ */ ${get(path)};`, "export default $builtin;", ...exports].join("\n");
}

function get(path: string): string {
  return `process.getBuiltinModule(${JSON.stringify(path)})`;
}
