/**
 * `node lib/deploy/ci/smoke-settings.ts STAGE`: sets RAG_SMOKE_… from the stage's secret for the next steps of a workflow. The
 * values are masked in the log.
 */

import { readSecret } from "#deploy/stack/secret.ts";
import { namesOf } from "#deploy/stack/stages.ts";
import { type Command, runCommand, setForNextSteps } from "./command.ts";

export const smokeSettings: Command = async ([stage = ""], { GITHUB_ENV }) => {
  if (!GITHUB_ENV) throw new Error("GITHUB_ENV is not set: this is a step of a workflow");
  const { secret } = namesOf(stage);
  const settings = Object.entries(await readSecret(secret)).filter(([name]) => /^RAG_SMOKE_[A-Z]+$/.test(name));
  for (const [name, value] of settings) {
    setForNextSteps(GITHUB_ENV, name, value, `${name} of the secret ${secret}`);
    process.stdout.write(`::add-mask::${value}\n`);
  }
  process.stdout.write(`From the secret ${secret}: ${settings.map(([name]) => name).join(", ") || "nothing"}\n`);
};

if (import.meta.main) await runCommand("smoke-settings", smokeSettings);
