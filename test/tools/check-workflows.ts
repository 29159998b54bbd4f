/**
 * `npm run check:workflows [-- --strict] [FOLDER]`: runs actionlint on .github/workflows, with shellcheck on their
 * shell steps, and zizmor, which looks for what an attacker could use. Reports a tool that cannot be installed, but fails
 * for it only with --strict, as in CI: contributors who change no workflow need neither Go nor Python.
 */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildModule } from "../../local-stack/native/build.ts";
import { findProgram, installPackages } from "../../local-stack/native/tools.ts";
import { virtualEnvironment } from "../support/python/environment.ts";

const ROOT = join(import.meta.dirname, "../..");

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { strict: { type: "boolean", default: false } },
});
const [folder = join(ROOT, ".github/workflows")] = positionals;
const missing: string[] = [];

const actionlint = attempt(() => buildModule("actionlint"));
const shellcheck = attempt(() => {
  if (!findProgram("shellcheck")) installPackages(["shellcheck"], "Checking the workflows' shell steps");
  return findProgram("shellcheck");
});
const files = readdirSync(folder).map((file) => join(folder, file));
if (actionlint) {
  const { status } = spawnSync(actionlint, [`-shellcheck=${shellcheck ?? ""}`, "-pyflakes=", ...files], {
    cwd: ROOT,
    stdio: "inherit",
  });
  if (status !== 0) process.exitCode = 1;
  else console.log(`${files.length} workflows checked${shellcheck ? ", with their shell steps" : ""}`);
}
const zizmor = attempt(() => join(virtualEnvironment("linters"), "zizmor"));
if (zizmor) {
  // Offline: it would ask GitHub about the actions, with whatever token it finds.
  const args = ["--offline", "--no-progress", "--strict-collection", ...files];
  const { status } = spawnSync(zizmor, args, { cwd: ROOT, stdio: "inherit" });
  if (status !== 0) process.exitCode = 1;
}
for (const reason of missing) console.error(`NOT CHECKED: ${reason}`);
if (missing.length > 0 && values.strict) process.exitCode = 1;

function attempt<T>(get: () => T): T | undefined {
  try {
    return get();
  } catch (error) {
    missing.push(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}
