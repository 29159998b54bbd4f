import { isBuiltin } from "node:module";
import type { Message, PartialMessage, Plugin } from "esbuild";

const IDENTIFIER = /^[a-z_$][\w$]*$/i;

/**
 * Reads only the exports of Node's built-in modules that are used. An ES `import` reads every export, and some of them
 * load more: Node's fetch with node:http, the Web Crypto API with node:crypto, terminal colours with node:util. It also
 * replaces `require`, which an ES module lacks and X-Ray's packages call. `import()` stays Node's own: with code
 * splitting, esbuild would give it only a default export.
 */
export const getBuiltins: Plugin = {
  name: "get-builtins",
  setup({ onResolve, onLoad, onEnd }) {
    onResolve({ filter: /^[\w:/]+$/ }, ({ path, kind }) => {
      if (!isBuiltin(path)) return undefined;
      if (kind === "dynamic-import") return { path, external: true };
      return { path, namespace: kind === "import-statement" ? "imported" : "required" };
    });
    onLoad({ filter: /./, namespace: "required" }, ({ path }) => ({ contents: `module.exports = ${get(path)};` }));
    onLoad({ filter: /./, namespace: "imported" }, ({ path }) => ({ contents: moduleOf(path) }));
    onEnd(({ errors }) => ({ errors: errors.flatMap(explainMissingExport) }));
  },
};

/** An ES module whose unused exports the bundler drops. */
function moduleOf(path: string): string {
  const names = Object.keys(process.getBuiltinModule(path) ?? {}).filter((name) => IDENTIFIER.test(name));
  const exports = names.map((name) => `export const ${name} = /* @__PURE__ */ (() => $builtin.${name})();`);
  return [`const $builtin = /* @__PURE__ */ ${get(path)};`, "export default $builtin;", ...exports].join("\n");
}

/** Adds to esbuild's error which package imports a name that this version of Node.js lacks, and what to do. */
function explainMissingExport({ text, location }: Message): PartialMessage[] {
  const [, module, name] = /^No matching export in "imported:(.+?)" for import "(.+?)"/.exec(text) ?? [];
  if (module === undefined || !location) return [];
  const owner = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(location.file)?.[1] ?? location.file;
  const advice = "package with a newer Node.js, or stay on the earlier version of what imports it";
  return [{ text: `${owner} imports "${name}" of "${module}", which Node.js ${process.version} lacks: ${advice}.` }];
}

function get(path: string): string {
  return `process.getBuiltinModule(${JSON.stringify(path)})`;
}
