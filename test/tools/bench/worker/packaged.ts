import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "#deploy/bundle/bundle.ts";
import { packageWorker } from "#deploy/bundle/worker.ts";
import { readPackagedWorker } from "../../../support/packaged-worker.ts";
import type { WorkerSource } from "../../../support/workerd.ts";

interface Packaged {
  source: WorkerSource;
  /** Bytes. */
  size: { bytes: number; gzipped: number };
}

/** Packages the worker as `npm run package -- --target worker` does, with the settings of its wrangler.jsonc. */
export async function packagedWorker(): Promise<Packaged> {
  mkdirSync(join(ROOT, ".bundle"), { recursive: true });
  const folder = mkdtempSync(join(ROOT, ".bundle/worker-"));
  try {
    const size = await packageWorker(folder.slice(ROOT.length));
    return { source: readPackagedWorker(folder), size };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
