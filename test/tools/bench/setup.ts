/**
 * `node test/tools/bench/setup.ts`: installs the packages that the project is compared with, at the versions of
 * test/tools/bench/peers/package-lock.json. Does nothing when they are already installed.
 */
import { join } from "node:path";
import { installNpmPackages } from "../../support/npm-packages.ts";

if (!installNpmPackages(join(import.meta.dirname, "peers"))) {
  console.error("The packages to compare with are already installed.");
}
