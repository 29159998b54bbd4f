import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { bundle, LAPTOP_ONLY, packagesOf, ROOT } from "#deploy/bundle/bundle.ts";
import { filesOfMcp } from "#deploy/bundle/mcp-files.ts";
import { zippedSize } from "#deploy/bundle/zip.ts";

export const FUNCTIONS = ["query", "embed", "health"];

export interface Size {
  /** Minified. */
  bytes: number;
  /** As a zip file: each file deflated at level 9, with its headers. */
  zipped: number;
}

/** Its size is that without what only `/mcp` loads. */
export interface FunctionSize extends Size {
  name: string;
  /** What only `/mcp` loads. */
  mcp: Size;
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
  const mcpFiles = [...filesOfMcp(metafile)].map((path) => basename(path));
  const mcp = sum(files.entries().flatMap(([file, size]) => (mcpFiles.includes(file) ? [size] : [])));
  const whole = sum(files.values());
  const size = { bytes: whole.bytes - mcp.bytes, zipped: whole.zipped - mcp.zipped };
  return { name, files, packages, modules: Object.keys(metafile.inputs), mcp, ...size };
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
  return [...sizes].reduce((total, size) => ({ bytes: total.bytes + size.bytes, zipped: total.zipped + size.zipped }), {
    bytes: 0,
    zipped: 0,
  });
}

export function kb(bytes: number): string {
  return `${Math.round(bytes / 1_000).toLocaleString("en")} KB`;
}

function sizeOf(path: string, contents: Uint8Array): Size {
  return { bytes: contents.length, zipped: zippedSize(`functions/${basename(path)}`, contents) };
}
