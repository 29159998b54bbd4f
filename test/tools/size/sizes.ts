import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { build } from "esbuild";
import { bundle, LAPTOP_ONLY, packagesOf, ROOT } from "#deploy/bundle/bundle.ts";

export const FUNCTIONS = ["query", "embed", "health"];

export interface Size {
  /** Minified. */
  bytes: number;
  /** As a zip file: each file deflated at level 9, with its headers. */
  zipped: number;
}

export interface FunctionSize extends Size {
  name: string;
  /** Size of each file by name. */
  files: Map<string, Size>;
  /** Minified bytes of each package, largest first; those of the project itself as "edge-rag". */
  packages: [name: string, bytes: number][];
  /** Paths of the modules that were bundled. */
  modules: string[];
}

/** Bundles one function alone into the folder. */
export async function measure(name: string, outdir: string): Promise<FunctionSize> {
  const metafile = await bundle(outdir, { entries: [`functions/${name}.ts`], embedded: false });
  const paths = Object.keys(metafile.outputs);
  const files = new Map(paths.map((path) => [basename(path), sizeOf(path, readFileSync(join(ROOT, path)))]));
  const packages = [...packagesOf(metafile)]
    .map(([name, bytes]): [string, number] => [name || "edge-rag", bytes])
    .toSorted(([, a], [, b]) => b - a);
  return { name, files, packages, modules: Object.keys(metafile.inputs), ...sum(files.values()) };
}

/** `query` as esbuild bundles it by default, with all of zod. */
export async function measurePlain(): Promise<Size> {
  const { outputFiles } = await build({
    absWorkingDir: ROOT,
    entryPoints: ["functions/query.ts"],
    outdir: "unused",
    write: false,
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    minify: true,
    alias: { "zod/mini": "zod" },
    external: LAPTOP_ONLY,
    logLevel: "error",
  });
  return sum(outputFiles.map(({ path, contents }) => sizeOf(path, contents)));
}

function sum(sizes: Iterable<Size>): Size {
  return [...sizes].reduce((total, size) => ({
    bytes: total.bytes + size.bytes,
    zipped: total.zipped + size.zipped,
  }));
}

export function kb(bytes: number): string {
  return `${Math.round(bytes / 1_000).toLocaleString("en")} KB`;
}

/** A zip names a file twice, in headers of 30 and 46 bytes (PKWARE APPNOTE 6.3, 4.3.7 and 4.3.12). */
function sizeOf(path: string, contents: Uint8Array): Size {
  const headers = 30 + 46 + 2 * `functions/${basename(path)}`.length;
  return { bytes: contents.length, zipped: deflateRawSync(contents, { level: 9 }).length + headers };
}
