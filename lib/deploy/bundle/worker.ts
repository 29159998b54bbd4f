import { copyFileSync, readFileSync, rmSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type Metafile, type Plugin } from "esbuild";
import { ALIASES, ROOT, swap } from "./bundle.ts";
import { writeOpenApi } from "./openapi.ts";
import { omitOtherRuntimes } from "./other-runtimes.ts";
import { omitStockExporters } from "./stock-exporters.ts";
import { stubModules } from "./stubbed-modules.ts";
import { omitUpstashCommands } from "./upstash-commands.ts";

/** Workerd has Node's modules only with their prefix. */
const prefixBuiltins: Plugin = {
  name: "prefix-builtins",
  setup({ onResolve }) {
    onResolve({ filter: /^[\w:/]+$/ }, ({ path }) =>
      isBuiltin(path) ? { path: path.startsWith("node:") ? path : `node:${path}`, external: true } : undefined,
    );
  },
};

/** Largest code in bytes, gzipped. `npm run size` fails above it. */
export const WORKER_GOAL = 200_000;

/**
 * Bundles a worker as one module, minified.
 *
 * @param entry its path, from the top of the project
 */
export async function bundleWorker(entry: string, outfile: string): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    outfile,
    bundle: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "module"],
    mainFields: ["module", "main"],
    minify: true,
    metafile: true,
    alias: ALIASES,
    preserveSymlinks: true,
    logLevel: "error",
    plugins: [
      ...[swap({ embedded: false }), omitOtherRuntimes, prefixBuiltins, omitUpstashCommands],
      ...[stubModules, writeOpenApi, omitStockExporters],
    ],
  });
  return metafile;
}

/**
 * Writes a folder for Cloudflare: the worker and its settings.
 *
 * @param folder relative to the project; what is in it is deleted
 */
export async function packageWorker(folder: string): Promise<{ bytes: number; gzipped: number; metafile: Metafile }> {
  const outfile = join(ROOT, folder, "worker.js");
  rmSync(join(ROOT, folder), { recursive: true, force: true });
  const metafile = await bundleWorker("functions/worker.ts", outfile);
  copyFileSync(join(ROOT, "functions/wrangler.jsonc"), join(ROOT, folder, "wrangler.jsonc"));
  const code = readFileSync(outfile);
  return { bytes: code.length, gzipped: gzipSync(code).length, metafile };
}
