import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Tests start hundreds of processes, which load the same modules: the first one leaves them compiled for all others. For
 * one run only, as the files of temporary copies are in it, too; .ci/run has one for all suites.
 */
export default function setup(): (() => void) | undefined {
  if (process.env.NODE_COMPILE_CACHE) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "edge-rag-compiled-"));
  process.env.NODE_COMPILE_CACHE = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
