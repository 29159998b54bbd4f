import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { WorkerSource } from "./workerd.ts";

/** A packaged worker with the settings of its wrangler.jsonc. */
export interface PackagedWorker extends WorkerSource {
  /** Its variables that are no secrets. */
  vars: Readonly<Record<string, string>>;
}

/** @param folder that `packageWorker` wrote */
export function readPackagedWorker(folder: string): PackagedWorker {
  const read = (name: string) => readFileSync(join(folder, name), "utf8");
  const settings = JSON.parse(read("wrangler.jsonc").replaceAll(/^\s*\/\/.*$/gm, ""));
  return {
    modules: new Map([["worker.js", read("worker.js")]]),
    compatibilityDate: settings.compatibility_date,
    compatibilityFlags: settings.compatibility_flags,
    vars: settings.vars,
  };
}
