import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join, relative } from "node:path";
import { locked } from "../../local-stack/native/lock.ts";

const ROOT = join(import.meta.dirname, "../..");

/**
 * Installs the packages of a folder that has a package.json of its own, at the versions of its package-lock.json, unless
 * they are installed.
 *
 * @returns whether it had to
 * @throws Error with npm's output when it fails
 */
export function installNpmPackages(folder: string): boolean {
  if (isInstalled(folder)) return false;
  return locked(relative(ROOT, folder).replaceAll(/\W/g, "-"), () => install(folder));
}

function install(folder: string): boolean {
  // Another process may have done it.
  if (isInstalled(folder)) return false;
  console.error(`Installing the packages of ${folder} …`);
  const { status, stdout, stderr } = spawnSync("npm", ["ci", "--ignore-scripts"], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` },
  });
  if (status !== 0) throw new Error(`npm ci failed in ${folder}:\n${`${stdout}\n${stderr}`.slice(-4_000)}`);
  return true;
}

/** Whether npm's record of what it installed has every package of the lockfile. */
function isInstalled(folder: string): boolean {
  const record = join(folder, "node_modules/.package-lock.json");
  if (!existsSync(record)) return false;
  const { packages: installed } = JSON.parse(readFileSync(record, "utf8"));
  const { packages: wanted } = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8"));
  return Object.entries<{ version: string; optional?: boolean }>(wanted).every(
    ([path, { version, optional }]) => path === "" || optional === true || installed[path]?.version === version,
  );
}
