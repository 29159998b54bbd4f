import { secretsOf, startupProblems } from "#config/deployed.ts";
import { problemsOf } from "#deploy/stack/problems.ts";
import type { Deployment } from "./deployment.ts";
import { type Finding, ok, problem } from "./finding.ts";
import type { Values } from "./secret.ts";

/** Whether they can be packaged, and the functions would start. @param values of the secret; absent: only the names of secrets are known */
export function checkSettings(deployment: Deployment, values: Values | undefined): Finding[] {
  const { stage, settings, deploy, functions } = deployment;
  const check = "settings";
  const remedy =
    "correct it in this shell, or, if it is secret, in the secret; docs/CONFIGURATION.md has every setting";
  const refused = problemsOf({ stage, settings, deploy, functions: functions.map(({ environment }) => environment) });
  if (refused.length > 0) return refused.map((line) => problem(check, `would not be packaged: ${line}`, remedy));
  const names = secretsOf(settings, deploy.secrets);
  // What the secret lacks is its own problem.
  const given = Object.fromEntries(names.map((name) => [name, values?.[name] || "unknown"]));
  const known = Object.fromEntries(Object.entries(values ?? {}).filter(([, value]) => value !== ""));
  const problems = startupProblems({ ...settings, ...given }, known);
  if (problems.length > 0)
    return problems.map((line) => problem(check, `the functions would not start: ${line}`, remedy));
  const count = Object.keys(settings).length;
  return [ok(check, `the functions would start, with ${count} settings and ${names.length} secrets`)];
}
