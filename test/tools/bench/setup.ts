/**
 * `node test/tools/bench/setup.ts`: installs the packages that the project is compared with, at the versions of
 * test/tools/bench/peers/package-lock.json. Does nothing when they are already installed.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const PEERS = join(import.meta.dirname, "peers");
/** npm's record of what it installed, in the format of the lockfile. */
const INSTALLED = join(PEERS, "node_modules/.package-lock.json");

if (isInstalled()) {
  console.error("The packages to compare with are already installed.");
} else {
  console.error("Installing the packages to compare with …");
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
