import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

const FOLDER = join(import.meta.dirname, "../page");
const gzipped = promisify(gzip);

/** A file of the page. */
export interface Asset {
  type: string;
  body: Uint8Array;
  gzipped: Uint8Array;
  /** For If-None-Match. */
  etag: string;
  /** Whether its path changes with its content. */
  immutable: boolean;
}

/**
 * The page's files by path, bundled on first use: whoever opens no page waits for none, and has no memory taken by it.
 *
 * @throws Error of esbuild, with file and line; the next call tries again
 */
export function createPage(): () => Promise<ReadonlyMap<string, Asset>> {
  let built: Promise<ReadonlyMap<string, Asset>> | undefined;
  return () => {
    built ??= bundlePage().catch((error: unknown) => {
      built = undefined;
      throw error;
    });
    return built;
  };
}

/** @returns the page's files by path, such as "/" and "/console/main-1a2b3c4d.js" */
async function bundlePage(): Promise<Map<string, Asset>> {
  const { build, stop } = await import("esbuild");
  const { outputFiles } = await build({
    entryPoints: { main: join(FOLDER, "main.tsx"), style: join(FOLDER, "style.css") },
    outdir: FOLDER,
    write: false,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2023",
    jsx: "automatic",
    jsxImportSource: "preact",
    logLevel: "silent",
  }).finally(() => void stop());
  const assets = new Map<string, Asset>();
  let html = await readFile(join(FOLDER, "index.html"), "utf8");
  for (const { path, contents } of outputFiles) {
    const [name = "", extension = ""] = path.slice(FOLDER.length + 1).split(".");
    const type = extension === "js" ? "text/javascript; charset=utf-8" : "text/css; charset=utf-8";
    const asset = await createAsset(type, contents, true);
    const url = `/console/${name}-${asset.etag.slice(1, 9)}.${extension}`;
    assets.set(url, asset);
    html = html.replace(`{{${name}.${extension}}}`, url);
  }
  return assets.set("/", await createAsset("text/html; charset=utf-8", Buffer.from(html), false));
}

async function createAsset(type: string, body: Uint8Array, immutable: boolean): Promise<Asset> {
  const etag = `"${createHash("sha256").update(body).digest("hex").slice(0, 16)}"`;
  return { type, body, gzipped: await gzipped(body), etag, immutable };
}
