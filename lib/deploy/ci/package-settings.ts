/**
 * `node lib/deploy/ci/package-settings.ts STAGE`: takes from VARS, the variables of a repository as JSON, what `npm run package`
 * reads, into the environment of a workflow's next steps.
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
