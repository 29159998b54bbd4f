import { execFileSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

/**
 * Downloads a package of Debian 12, as `name=version`, the first time, and unpacks it without installing it. Needs apt.
 *
 * @param root root of the repository; the package is kept in a folder that git ignores
 * @returns the folder with the package's files, such as `usr/share`
 * @throws Error in one line when it cannot be downloaded
 */
export function debianPackage(specifier: string, root: string): string {
  const folder = join(root, ".stack/collections", specifier);
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  const run = (command: string, ...args: string[]) => execFileSync(command, args, { cwd: unfinished, stdio: "pipe" });
  try {
    run("apt-get", "download", specifier);
    run("dpkg-deb", "-x", ...globSync("*.deb", { cwd: unfinished }), "files");
    renameSync(join(unfinished, "files"), folder);
  } catch (cause) {
    throw new Error(`apt-get download ${specifier} failed: it needs Debian 12, the network, and apt-get update`, {
      cause,
    });
  } finally {
    rmSync(unfinished, { recursive: true });
  }
  return folder;
}
