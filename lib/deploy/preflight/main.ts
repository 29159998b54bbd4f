/**
 * `npm run preflight -- --stage STAGE [--region REGION]`: checks before a deployment what it needs: credentials, settings,
 * the secret, quotas, the stack, and the services. Changes nothing. Exits with 1 when there is a problem, with 2 on invalid
 * arguments.
 */
import { parseArgs } from "node:util";
import { runCommand } from "#deploy/ci/command.ts";
import { linesOf, summaryOf } from "./finding.ts";
import { preflight } from "./run.ts";

const USAGE = "Usage: npm run preflight -- --stage STAGE [--region REGION]\n";

/** @returns the exit code */
export async function main(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  let stage: string | undefined;
  let region: string | undefined;
  try {
    const options = { stage: { type: "string" }, region: { type: "string" } } as const;
    ({ stage, region } = parseArgs({ args: [...args], options }).values);
    if (!stage) throw new Error("which stage? --stage dev, for example");
  } catch (error) {
    process.stderr.write(`npm run preflight: ${error instanceof Error ? error.message : error}\n${USAGE}`);
    return 2;
  }
  const findings = await preflight({ stage, region, env }, (finding) => process.stdout.write(`${linesOf(finding)}\n`));
  process.stdout.write(`${summaryOf(stage, findings)}\n`);
  return findings.some(({ status }) => status === "problem") ? 1 : 0;
}

if (import.meta.main) {
  await runCommand("npm run preflight", async (args, env) => {
    process.exitCode = await main(args, env);
  });
}
