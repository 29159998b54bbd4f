/**
 * `node lib/deploy/package-settings.ts STAGE`: takes from VARS, the variables of a repository as JSON, what `npm run package`
 * reads, into the environment of a workflow's next steps.
 */
import { appendFileSync } from "node:fs";
import { type Command, runCommand } from "./command.ts";
import { packageSettings } from "./settings.ts";

export const writePackageSettings: Command = async ([stage = ""], { GITHUB_ENV, VARS = "{}" }) => {
  if (!GITHUB_ENV) throw new Error("GITHUB_ENV is not set: this is a step of a workflow");
  const settings = Object.entries(packageSettings(JSON.parse(VARS), stage));
  for (const [name, value] of settings) {
    if (/[\r\n]/.test(value)) throw new Error(`the variable ${name} has a line break`);
    appendFileSync(GITHUB_ENV, `${name}=${value}\n`);
    process.stdout.write(`${name}=${value}\n`);
  }
};

if (import.meta.main) await runCommand("package-settings", writePackageSettings);
