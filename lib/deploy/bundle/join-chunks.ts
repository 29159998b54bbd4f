import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import type { Loader, Metafile, OnLoadResult, Plugin } from "esbuild";

const LOADERS: Readonly<Record<string, Loader>> = { ".ts": "ts", ".js": "js", ".mjs": "js" };

/**
 * Joins files that are loaded together. esbuild makes one file of all modules that the same entries and `import()`s reach:
 * in a bundle with many `import()`s these are many small ones, and each takes time at every start. What `import()` loads
 * can only be loaded after what leads to it. Here it imports all of that, too, which changes what reaches those modules,
 * and nothing that runs.
 *
 * @param metafile of the same bundle without this
 * @param root absolute; what the paths of the metafile are relative to, with a slash at its end
 * @param plugins of the bundle
 * @returns the plugins to bundle with
 */
export function joinChunks(metafile: Metafile, root: string, plugins: readonly Plugin[] = []): Plugin[] {
  const before = modulesBefore(metafile);
  const files = [...before.keys()].filter((id) => !isVirtual(id) && extname(id) in LOADERS);
  if (files.length === 0) return [...plugins];

  function importingBefore(path: string, result: OnLoadResult): OnLoadResult {
    const id = path.slice(root.length);
    if (!files.includes(id) || typeof result.contents !== "string" || !isCode(result)) return result;
    return { ...result, contents: `${result.contents}\nimport "loaded-before:${id}";\n` };
  }
  /** The same plugin, whose replacements of these files import it, too. */
  const wrapped = ({ name, setup }: Plugin): Plugin => ({
    name,
    setup: (build) =>
      setup({
        ...build,
        onLoad: (options, load) =>
          build.onLoad(options, async (args) => {
            const result = await load(args);
            return result && args.namespace === "file" ? importingBefore(args.path, result) : result;
          }),
      }),
  });
  const importer: Plugin = {
    name: "join-chunks",
    setup({ onResolve, onLoad }) {
      onLoad({ filter: new RegExp(`/(?:${files.map(escaped).join("|")})$`) }, async ({ path }) => {
        const loader = LOADERS[extname(path)];
        return loader && importingBefore(path, { contents: await readFile(path, "utf8"), loader });
      });
      onResolve({ filter: /^loaded-before:/ }, ({ path }) => ({ path, namespace: "loaded-before" }));
      onLoad({ filter: /./, namespace: "loaded-before" }, ({ path }) => {
        const modules = before.get(path.replace("loaded-before:", "")) ?? [];
        const imports = modules.flatMap((id) => specifierOf(id, root) ?? []);
        return { contents: imports.map((path) => `import ${JSON.stringify(path)};`).join("\n"), resolveDir: root };
      });
    },
  };
  return [...plugins.map(wrapped), importer];
}

/** Of each module that `import()` loads, the modules that have been loaded by then, whatever has led to it. */
function modulesBefore({ inputs, outputs }: Metafile): Map<string, string[]> {
  const loaded = new Map<string, Set<string>>();
  for (const [file, { entryPoint }] of Object.entries(outputs))
    if (entryPoint !== undefined) loaded.set(entryPoint, filesWith(file, outputs));
  const next = new Map([...loaded].map(([entry, files]) => [entry, importedBy(files, outputs)]));
  const imported = new Set([...next.values()].flatMap((entries) => [...entries]));
  const roots = [...loaded.keys()].filter((entry) => !imported.has(entry));

  const modulesOf = (entry: string) =>
    [...(loaded.get(entry) ?? [])].flatMap((file) =>
      Object.entries(outputs[file]?.inputs ?? {}).flatMap(([id, { bytesInOutput }]) =>
        // An import of CommonJS would run it; an entry may wait at its top level for what would import it.
        bytesInOutput > 0 && inputs[id]?.format !== "cjs" && !roots.includes(id) ? [id] : [],
      ),
    );
  const dominatorsOf = (entry: string) =>
    [...loaded.keys()].filter((other) => other !== entry && !reachedWithout(other, next, roots).has(entry));
  return new Map(
    [...imported].map((entry) => [entry, [...new Set(dominatorsOf(entry).flatMap(modulesOf))].sort()] as const),
  );
}

/** The files that are loaded with one of them, itself included. */
function filesWith(file: string, outputs: Metafile["outputs"]): Set<string> {
  const files = new Set([file]);
  for (const name of files)
    for (const { path, kind, external } of outputs[name]?.imports ?? [])
      if (kind === "import-statement" && !external) files.add(path);
  return files;
}

/** The entry modules that `import()`s in these files load. */
function importedBy(files: ReadonlySet<string>, outputs: Metafile["outputs"]): Set<string> {
  const imports = [...files].flatMap((file) => outputs[file]?.imports ?? []);
  return new Set(imports.flatMap(({ path, kind }) => (kind === "dynamic-import" && outputs[path]?.entryPoint) || []));
}

function reachedWithout(
  omitted: string,
  next: ReadonlyMap<string, ReadonlySet<string>>,
  roots: readonly string[],
): Set<string> {
  const reached = new Set(roots);
  reached.delete(omitted);
  for (const entry of reached) for (const other of next.get(entry) ?? []) if (other !== omitted) reached.add(other);
  return reached;
}

/** What an import of the module says, so that it is resolved as every other import of it; `undefined` where none can. */
function specifierOf(id: string, root: string): string | undefined {
  if (!isVirtual(id)) return resolve(root, id);
  // Of the plugins for Node's modules and for stubs.
  return id === "stub:import-statement" ? "stub" : /^imported:(.+)/.exec(id)?.[1];
}

/** Whether a plugin made the module: then its id begins with a namespace. */
function isVirtual(id: string): boolean {
  return /^[\w-]+:/.test(id);
}

function isCode({ loader = "js" }: OnLoadResult): boolean {
  return loader === "js" || loader === "ts";
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
