/**
 * `node test/tools/bench/setup.ts`: installs what the project is measured against, as test/tools/bench/peers/package-lock.json has
 * it. Does nothing when that is done.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const PEERS = join(import.meta.dirname, "peers");
/** npm's own account of what it installed, in the words of the lockfile. */
const INSTALLED = join(PEERS, "node_modules/.package-lock.json");

if (isInstalled()) {
  console.error("What is measured against is there.");
} else {
  console.error("Installing what is measured against …");
  const { status, stdout, stderr } = spawnSync("npm", ["ci", "--ignore-scripts"], { cwd: PEERS, encoding: "utf8" });
  if (status !== 0) {
    console.error(`npm ci failed in test/tools/bench/peers:\n${`${stdout}\n${stderr}`.slice(-4_000)}`);
    process.exit(1);
  }
}

function isInstalled(): boolean {
  if (!existsSync(INSTALLED)) return false;
  const { packages: installed } = JSON.parse(readFileSync(INSTALLED, "utf8"));
  const { packages: wanted } = JSON.parse(readFileSync(join(PEERS, "package-lock.json"), "utf8"));
  return Object.entries<{ version: string; optional?: boolean }>(wanted).every(
    ([path, { version, optional }]) => path === "" || optional === true || installed[path]?.version === version,
  );
}
