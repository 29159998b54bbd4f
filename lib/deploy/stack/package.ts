/**
 * `npm run package [-- --stage STAGE] [--region REGION]`: writes everything that is deployed to `.serverless/`: a zip file for
 * each function and the CloudFormation template. Needs no network and no credentials; the build is reproducible: the same
 * commit with the same settings gives the same bytes.
 */
import { parseArgs } from "node:util";
import { osls } from "./osls.ts";

/** Milliseconds; packaging takes a few seconds. */
const LIMIT_MS = 120_000;

try {
  const options = { stage: { type: "string" }, region: { type: "string" } } as const;
  const { values } = parseArgs({ options });
  const args = Object.entries(values).flatMap(([name, value]) => [`--${name}`, value]);
  await osls(["package", ...args], LIMIT_MS);
} catch (error) {
  process.stderr.write(`npm run package: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
