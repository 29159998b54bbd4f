import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { locked } from "../../../local-stack/native/lock.ts";
import { findProgram, installPackages } from "../../../local-stack/native/tools.ts";

const REQUIREMENTS = join(import.meta.dirname, "requirements");
const ENVIRONMENTS = join(import.meta.dirname, "../../../.stack/python");
const PYTHONS = ["python3.11", "python3.12", "python3.13", "python3"];
/** Exits with 0 for a Python that every file in requirements/ supports and that can make virtual environments. */
const IS_USABLE = "import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 14))";

/**
 * The virtual environment with the packages of `requirements/<name>.txt`. Installs them, which takes up to minutes, unless
 * this was done before for the same file. The file names every package with its version: none is added.
 *
 * @returns the folder of its programs, where Python is `python`
 * @throws Error when there is no suitable Python and it cannot be installed, or with the installer's output
 */
export function virtualEnvironment(name: string): string {
  const requirements = join(REQUIREMENTS, `${name}.txt`);
  const python = findPython();
  mkdirSync(ENVIRONMENTS, { recursive: true });
  // Its programs name the folder: it does not survive a move of the checkout, nor of a link to it.
  const environments = realpathSync(ENVIRONMENTS);
  const hash = createHash("sha256");
  for (const part of [readFileSync(requirements), versionOf(python), environments]) hash.update(part);
  const folder = join(environments, `${name}-${hash.digest("hex").slice(0, 12)}`);
  const complete = join(folder, "complete");
  if (existsSync(complete)) return join(folder, "bin");

  return locked(`python-${name}`, () => {
    // Another process may have done it.
    if (existsSync(complete)) return join(folder, "bin");
    console.error(`Installing the Python packages of ${name} (up to minutes the first time) …`);
    const started = performance.now();
    removeOthers(name);
    if (name === "uv" || !installWithUv(python, folder, requirements)) installWithPip(python, folder, requirements);
    writeFileSync(`${complete}.part`, "");
    renameSync(`${complete}.part`, complete);
    console.error(`Installed ${name} in ${((performance.now() - started) / 1_000).toFixed(0)} s.`);
    return join(folder, "bin");
  });
}

/** uv needs 83 s where pip needs 446 s, but does not read pip's configuration. @returns whether it could install */
function installWithUv(python: string, folder: string, requirements: string): boolean {
  try {
    const uv = join(virtualEnvironment("uv"), "uv");
    run(uv, ["venv", "--quiet", "--no-config", "--python", python, folder]);
    run(uv, [
      ...["pip", "install", "--quiet", "--no-config", "--system-certs", "--python", join(folder, "bin/python")],
      ...["--no-deps", "--no-build", "--requirement", requirements],
    ]);
    return true;
  } catch (error) {
    console.error(`pip installs, since uv could not: ${error instanceof Error ? error.message : error}`);
    rmSync(folder, { recursive: true, force: true });
    return false;
  }
}

function installWithPip(python: string, folder: string, requirements: string): void {
  run(python, ["-m", "venv", folder]);
  run(join(folder, "bin/python"), [
    ...["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"],
    ...["--no-deps", "--no-compile", "--only-binary=:all:", "--requirement", requirements],
  ]);
}

/** Why there is no suitable Python and none can be installed; `undefined` when there is one. */
export function missingPython(): string | undefined {
  try {
    findPython();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function findPython(): string {
  const find = () =>
    PYTHONS.flatMap((program) => findProgram(program) ?? []).find(
      (python) => spawnSync(python, ["-c", IS_USABLE]).status === 0,
    );
  const python = find();
  if (python) return python;
  installPackages(["python3", "python3-venv"], "Testing against software from PyPI");
  const installed = find();
  if (!installed) throw new Error("testing against software from PyPI requires Python 3.11 to 3.13 with venv");
  return installed;
}

function versionOf(python: string): string {
  return run(python, ["-c", "import sys; print(sys.version, sys.platform)"]);
}

/** Removes what an earlier version of the requirements, or an installation that failed, has left. */
function removeOthers(name: string): void {
  for (const entry of readdirSync(ENVIRONMENTS)) {
    if (entry.slice(0, entry.lastIndexOf("-")) === name) rmSync(join(ENVIRONMENTS, entry), { recursive: true });
  }
}

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8", maxBuffer: 2 ** 26 });
  if (status === 0) return stdout;
  const output = (error?.message ?? `${stdout}\n${stderr}`).trim().slice(-2_000);
  throw new Error(`${command} ${args.join(" ")} failed:\n${output}`);
}
