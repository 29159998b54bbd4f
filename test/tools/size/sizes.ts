import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { build } from "esbuild";
import { bundle, LAPTOP_ONLY, packagesOf, ROOT } from "#deploy/bundle/bundle.ts";
import { GOAL } from "#deploy/bundle/size-table.ts";

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
  /** Bytes of each package, the largest first; "" is the project itself. */
  packages: [name: string, bytes: number][];
}

/** Bundles one function alone into the folder. */
export async function measure(name: string, outdir: string): Promise<FunctionSize> {
  const metafile = await bundle(outdir, { entries: [`functions/${name}.ts`] });
  const paths = Object.keys(metafile.outputs);
  const files = new Map(paths.map((path) => [basename(path), sizeOf(path, readFileSync(join(ROOT, path)))]));
  const packages = [...packagesOf(metafile)].toSorted(([, a], [, b]) => b - a);
  return { name, files, packages, ...sum(files.values()) };
}

/** @returns one sentence per missed goal */
export function missedGoals({ name, bytes, zipped }: FunctionSize): string[] {
  return [
    ...(bytes > GOAL.bytes ? [`${name} is ${kb(bytes)} minified, over its goal of ${kb(GOAL.bytes)}`] : []),
    ...(zipped > GOAL.zipped ? [`${name} is ${kb(zipped)} zipped, over its goal of ${kb(GOAL.zipped)}`] : []),
  ];
}

/** `query` bundled with esbuild's defaults and all of zod. */
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
