import type { Deployment } from "./deployment.ts";
import { type Finding, ok, problem } from "./finding.ts";

/** Lambda's quota for the environment of a function, in bytes, as JSON. */
const LIMIT = 4_096;

/** Whether the environment of each function, with the values of secrets, is one that Lambda takes. */
export function checkSize({ functions, settings }: Deployment, secrets: Readonly<Record<string, string>>): Finding {
  const check = "environment";
  const sizes = functions.map(({ name, environment }) => {
    const all = { ...secrets, ...settings, ...environment };
    return [name, Buffer.byteLength(JSON.stringify(all))] as const;
  });
  const [name = "", bytes = 0] = sizes.toSorted(([, a], [, b]) => b - a)[0] ?? [];
  if (bytes <= LIMIT) return ok(check, `${bytes} of ${LIMIT} bytes, with the values of secrets`);
  return problem(
    check,
    `the environment of ${name} has ${bytes} bytes, with the values of secrets, and Lambda takes ${LIMIT}`,
    "unset settings that have their default value, or shorten RAG_API_KEYS",
  );
}
