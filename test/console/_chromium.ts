import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";
import { findProgram, installPackages } from "../../local-stack/native/tools.ts";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/**
 * The browser: `CHROMIUM_PATH`, or the one that is installed, or Debian's, which is installed as root.
 *
 * @throws Error that names the package where it cannot be installed
 */
export function chromiumPath(): string {
  const { CHROMIUM_PATH } = process.env;
  if (CHROMIUM_PATH) {
    if (!existsSync(CHROMIUM_PATH)) throw new Error(`CHROMIUM_PATH=${CHROMIUM_PATH} does not exist`);
    return CHROMIUM_PATH;
  }
  return installed() ?? install();
}

export function launchChromium(): Promise<Browser> {
  // Chromium's sandbox does not work for root.
  return chromium.launch({ executablePath: chromiumPath(), chromiumSandbox: process.getuid?.() !== 0 });
}

function installed(): string | undefined {
  return NAMES.map((name) => findProgram(name)).find((path) => path !== undefined);
}

function install(): string {
  installPackages(["chromium"], "the console's tests, without CHROMIUM_PATH, ");
  const path = installed();
  if (path === undefined) throw new Error("Debian's package chromium has no program of that name");
  return path;
}
