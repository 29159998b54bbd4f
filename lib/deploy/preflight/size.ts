import { secretsOf } from "#config/deployed.ts";
import { environmentBytes, MAX_BYTES, secretVariables, sizeProblem } from "#deploy/stack/environment.ts";
import type { Deployment } from "./deployment.ts";
import { type Finding, ok, problem } from "./finding.ts";
import type { Values } from "./secret.ts";

/** Whether the environment of each function, with the values of secrets that it has, is one that Lambda takes. */
export function checkSize({ functions, settings, deploy }: Deployment, secrets: Values): Finding {
  const check = "environment";
  const sizes = Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, Buffer.byteLength(value)]));
  const references = secretVariables(secretsOf(settings, deploy.secrets), deploy);
  const environments = functions.map(({ environment }) => ({ ...references, ...settings, ...environment }));
  for (const environment of environments) {
    const found = sizeProblem(environment, sizes);
    if (found) return problem(check, found.what, found.remedy);
  }
  const largest = Math.max(...environments.map((environment) => environmentBytes(environment, sizes)));
  const which = deploy.secretsFrom === "secret" ? "without the secrets, which are read at start" : "with the secrets";
  return ok(check, `${largest} of ${MAX_BYTES} bytes, ${which}`);
}
