import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

export interface CachedFile {
  path: string;
  /** Of the content, in hexadecimal: a file with another one is made again. */
  sha256: string;
  make: () => Promise<Uint8Array>;
}

/**
 * Reads a file that can be made again, and makes it when it is missing or damaged. Any number of processes may do so at
 * once: each writes a file of its own, then renames it. Where the folder cannot be written, it is made each time.
 *
 * @throws Error when what is made does not have the expected hash, and what `make` throws
 */
export async function readOrMake({ path, sha256, make }: CachedFile): Promise<Uint8Array> {
  const cached = await readFile(path).catch(() => undefined);
  if (cached && sha256Of(cached) === sha256) return cached;
  const made = await make();
  const hash = sha256Of(made);
  if (hash !== sha256) throw new Error(`what was made for ${path} has the SHA-256 ${hash}, expected ${sha256}`);
  await write(path, made);
  return made;
}

export function sha256Of(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

async function write(path: string, content: Uint8Array): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch {
    await rm(temporary, { force: true }).catch(() => {});
  }
}
