import { execFileSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { locked } from "./lock.ts";

/** The path of a program, or `undefined` if it is not installed. */
export function findProgram(name: string, path: string = process.env.PATH ?? ""): string | undefined {
  return path
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

/**
 * Installs Debian packages when running as root on a machine with apt-get.
 *
 * @throws Error with the names of the packages otherwise
 */
export function installPackages(packages: readonly string[], purpose: string): void {
  if (process.getuid?.() !== 0 || !findProgram("apt-get")) {
    throw new Error(
      `${purpose} requires the packages ${packages.join(", ")} (Debian names): install them and try again`,
    );
  }
  console.error(`Installing ${packages.join(", ")} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const aptGet = (...parameters: string[]) =>
    execFileSync("apt-get", ["-qq", "-o=Dpkg::Use-Pty=0", ...parameters], {
      env,
      stdio: ["ignore", "ignore", "inherit"],
    });
  locked("apt", () => {
    aptGet("update");
    aptGet("install", "-y", "--no-install-recommends", ...packages);
  });
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
