import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { type BuildOptions, build, type Metafile } from "esbuild";
import { bundle, ROOT } from "#deploy/bundle/bundle.ts";
import { PEERS } from "./setup.ts";

export interface Bundle {
  file: string;
  /** Total size of all files, minified. */
  bytes: number;
  /** Total size with each file deflated at level 9. */
  zipped: number;
}

/** The query function alone, as it is deployed. */
export async function bundleOurs(folder: string): Promise<Bundle> {
  return toBundle(await bundle(folder, { entries: ["functions/query.ts"] }), join(folder, "query.mjs"));
}

/**
 * A framework's pipeline with the settings of our own bundle, including those for Qdrant's client, or with esbuild's
 * defaults (`plain`).
 */
export async function bundleFramework(name: string, folder: string, { plain = false } = {}): Promise<Bundle> {
  const tuned: BuildOptions = {
    target: "node24",
    mainFields: ["module", "main"],
    alias: {
      "@qdrant/js-client-rest": join(PEERS, "node_modules/@qdrant/js-client-rest/dist/browser/index.js"),
    },
  };
  mkdirSync(folder, { recursive: true });
  const options: BuildOptions = {
    absWorkingDir: ROOT,
    entryPoints: [join(PEERS, `${name}.mjs`)],
    outdir: folder,
    entryNames: "[name]",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    minify: true,
    // Their CommonJS code requires Node's built-in modules.
    banner: {
      js: 'import{createRequire as requireOf}from"node:module";globalThis.require??=requireOf(import.meta.url);',
    },
    logLevel: "error",
    ...(!plain && tuned),
  };
  const { metafile } = await build({ ...options, metafile: true });
  return toBundle(metafile, join(folder, `${name}.mjs`));
}

function toBundle(metafile: Metafile, file: string): Bundle {
  const files = Object.keys(metafile.outputs).map((path) => readFileSync(join(ROOT, path)));
  return {
    file,
    bytes: files.reduce((sum, { length }) => sum + length, 0),
    zipped: files.reduce((sum, bytes) => sum + deflateRawSync(bytes, { level: 9 }).length, 0),
  };
}
