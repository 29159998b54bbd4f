import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type BundleOptions, bundle, ROOT } from "./bundle.ts";
import { entryOf } from "./entry.ts";
import { filesOfMcp } from "./mcp-files.ts";
import { zip, zippedSize } from "./zip.ts";

/** The code that Lambda runs for a handler. */
export interface Artifact {
  /** From the top of the project. */
  path: string;
  /** Size of the minified code. */
  bytes: number;
  zipped: number;
  /** What of it only `/mcp` loads. */
  mcp: { bytes: number; zipped: number };
  /** Hex SHA-256 of the zip file. */
  sha256: string;
  /** Paths of the modules that were bundled, from the top of the project. */
  modules: string[];
}

export interface ArtifactOptions extends Pick<BundleOptions, "embedded" | "stockExporters"> {
  /** Folder for source maps, relative to the project: `<folder>/<name of the zip>/<file>.map`. None are written without. */
  maps?: string;
}

/**
 * Bundles the file of a handler, such as `functions/query.handler`, and zips the output. The zip's name contains a hash of
 * its content, so that CloudFormation updates the function only when the code changes.
 *
 * @param folder output folder, relative to the project
 */
export async function makeArtifact(
  handler: string,
  folder: string,
  { maps, ...options }: ArtifactOptions = {},
): Promise<Artifact> {
  const entry = entryOf(handler);
  mkdirSync(join(ROOT, ".bundle"), { recursive: true });
  const scratch = mkdtempSync(join(ROOT, ".bundle/package-"));
  try {
    // Always with maps: the names of chunks depend on it.
    const metafile = await bundle(scratch, {
      embedded: false,
      ...options,
      entries: [`${entry}.ts`],
      sourceMaps: true,
    });
    const inZip = join(entry, "..");
    const made = readdirSync(scratch);
    const code = made.filter((file) => !file.endsWith(".map"));
    const files = new Map(code.map((file) => [join(inZip, file), readFileSync(join(scratch, file))]));
    const zipFile = zip(files);
    const mcpFiles = [...filesOfMcp(metafile)].map((file) => join(inZip, basename(file)));
    const mcp = sum([...files].filter(([path]) => mcpFiles.includes(path)));
    const sha256 = createHash("sha256").update(zipFile).digest("hex");
    const name = `${basename(entry)}-${sha256.slice(0, 12)}`;
    const path = join(folder, `${name}.zip`);
    mkdirSync(join(ROOT, folder), { recursive: true });
    writeFileSync(join(ROOT, path), zipFile);
    if (maps !== undefined) {
      mkdirSync(join(ROOT, maps, name), { recursive: true });
      for (const file of made.filter((file) => file.endsWith(".map")))
        copyFileSync(join(scratch, file), join(ROOT, maps, name, file));
    }
    const bytes = files.values().reduce((total, { length }) => total + length, 0);
    return { path, bytes, zipped: zipFile.length, mcp, sha256, modules: Object.keys(metafile.inputs) };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function sum(files: readonly [path: string, content: Uint8Array][]): Artifact["mcp"] {
  const sizes = files.map(([path, content]) => ({ bytes: content.length, zipped: zippedSize(path, content) }));
  return sizes.reduce((a, b) => ({ bytes: a.bytes + b.bytes, zipped: a.zipped + b.zipped }), { bytes: 0, zipped: 0 });
}
