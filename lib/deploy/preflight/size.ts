import { secretsOf } from "#config/deployed.ts";
import { secretVariables } from "#deploy/stack/environment.ts";
import type { Deployment } from "./deployment.ts";
import { type Finding, ok, problem } from "./finding.ts";

/** Lambda's quota for the environment of a function, in bytes, as JSON. */
const LIMIT = 4_096;

/** Whether the environment of each function, with the values of secrets, is one that Lambda takes. */
export function checkSize(
  { functions, settings, deploy }: Deployment,
  secrets: Readonly<Record<string, string>>,
): Finding {
  const check = "environment";
  const readAtStart = deploy.secretsFrom === "secret";
  const values = readAtStart ? secretVariables(secretsOf(settings, deploy.secrets), deploy) : secrets;
  const sizes = functions.map(({ name, environment }) => {
    const all = { ...values, ...settings, ...environment };
    return [name, Buffer.byteLength(JSON.stringify(all))] as const;
  });
  const [name = "", bytes = 0] = sizes.toSorted(([, a], [, b]) => b - a)[0] ?? [];
  if (bytes <= LIMIT)
    return ok(check, `${bytes} of ${LIMIT} bytes, ${readAtStart ? "without" : "with"} the values of secrets`);
  return problem(
    check,
    `the environment of ${name} has ${bytes} bytes, ${readAtStart ? "without" : "with"} the values of secrets, and Lambda takes ${LIMIT}`,
    readAtStart
      ? "unset settings that have their default value"
      : "set RAG_SECRETS_FROM=secret: the functions then read the secret at start; or unset settings that have their default value",
  );
}
