/** `node test/tools/bench/frameworks/setup.ts`: installs the frameworks unless they are installed already. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";

/** The folder with their packages and the pipelines written with them. */
export const PEERS = join(import.meta.dirname, "../peers-frameworks");

/** @throws Error with npm's output when it fails */
export function installFrameworks(): void {
  if (isInstalled()) return;
  console.error("Installing the frameworks …");
  const { status, stdout, stderr } = spawnSync("npm", ["ci", "--ignore-scripts"], {
    cwd: PEERS,
    encoding: "utf8",
    env: { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` },
  });
  if (status !== 0) throw new Error(`npm ci failed:\n${`${stdout}\n${stderr}`.slice(-4_000)}`);
}

/** Pinned versions by package. */
export function frameworks(): Record<string, string> {
  return JSON.parse(readFileSync(join(PEERS, "package.json"), "utf8")).dependencies;
}

/** Whether the installed versions, by npm's record, are the pinned ones. */
function isInstalled(): boolean {
  try {
    const require = createRequire(join(PEERS, "main.ts"));
    const { packages: installed } = require("./node_modules/.package-lock.json");
    return Object.entries(frameworks()).every(
      ([name, version]) => installed[`node_modules/${name}`]?.version === version,
    );
  } catch {
    return false;
  }
}

if (import.meta.main) installFrameworks();
