import { secretsOf, startupProblems } from "#config/deployed.ts";
import type { Deployment } from "./deployment.ts";
import { type Finding, ok, problem } from "./finding.ts";
import type { Values } from "./secret.ts";

/** Whether the functions would start. @param values of the secret; absent: only the names of secrets are known */
export function checkSettings({ settings, deploy }: Deployment, values: Values | undefined): Finding[] {
  const check = "settings";
  const names = secretsOf(settings, deploy.secrets);
  // What the secret lacks is its own problem.
  const given = Object.fromEntries(names.map((name) => [name, values?.[name] || "unknown"]));
  const known = Object.fromEntries(Object.entries(values ?? {}).filter(([, value]) => value !== ""));
  const problems = startupProblems({ ...settings, ...given }, known);
  const remedy =
    "correct it in this shell, or, if it is secret, in the secret; docs/CONFIGURATION.md has every setting";
  if (problems.length > 0)
    return problems.map((line) => problem(check, `the functions would not start: ${line}`, remedy));
  const count = Object.keys(settings).length;
  return [ok(check, `the functions would start, with ${count} settings and ${names.length} secrets`)];
}
