/** `node test/tools/bench/frameworks/setup.ts`: installs the frameworks unless they are installed already. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { installNpmPackages } from "../../../support/npm-packages.ts";

/** The folder with their packages and the pipelines written with them. */
export const PEERS = join(import.meta.dirname, "../peers-frameworks");

/** @throws Error with npm's output when it fails */
export function installFrameworks(): void {
  installNpmPackages(PEERS);
}

/** Pinned versions by package. */
export function frameworks(): Record<string, string> {
  return JSON.parse(readFileSync(join(PEERS, "package.json"), "utf8")).dependencies;
}

if (import.meta.main) installFrameworks();
