import { rmSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../lib/deploy/bundle/bundle.ts";
import { packageWorker } from "../../lib/deploy/bundle/worker.ts";

const FOLDER = ".bundle/worker-test";

/** Where the packaged worker is while the suite runs. */
export const WORKER_FOLDER: string = join(ROOT, FOLDER);

/** Packages the worker for the suite; what it returns removes it. */
export default async function setup(): Promise<() => void> {
  await packageWorker(FOLDER);
  return () => rmSync(WORKER_FOLDER, { recursive: true, force: true });
}
