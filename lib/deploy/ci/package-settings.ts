/**
 * `node lib/deploy/ci/package-settings.ts STAGE`: sets the variables that `npm run package` reads for the next steps of a
 * workflow, from VARS, the variables of the repository as JSON.
 */
import { type Command, runCommand, setForNextSteps } from "./command.ts";
import { packageSettings } from "./settings.ts";

export const writePackageSettings: Command = async ([stage = ""], { GITHUB_ENV, VARS = "{}" }) => {
  if (!GITHUB_ENV) throw new Error("GITHUB_ENV is not set: this is a step of a workflow");
  const settings = Object.entries(packageSettings(JSON.parse(VARS), stage));
  for (const [name, value] of settings) {
    setForNextSteps(GITHUB_ENV, name, value, `the variable ${name}`);
    process.stdout.write(`${name}=${value}\n`);
  }
};

if (import.meta.main) await runCommand("package-settings", writePackageSettings);
