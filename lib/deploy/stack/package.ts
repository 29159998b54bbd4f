/**
 * `npm run package [-- --stage STAGE] [--region REGION]`: writes everything that is deployed to `.serverless/`: a zip file for
 * each function and the CloudFormation template. Needs no network and no credentials; the build is reproducible: the same
 * commit with the same settings gives the same bytes.
 *
 * `npm run package -- --target server`: writes the server to `.server/`, a folder that Node.js alone can run.
 *
 * `npm run package -- --target worker`: writes the Cloudflare worker to `.worker/`, which `wrangler deploy` takes.
 */
import { parseArgs } from "node:util";
import { packageServer } from "#deploy/bundle/server.ts";
import { packageWorker } from "#deploy/bundle/worker.ts";
import { osls } from "./osls.ts";

/** Milliseconds; packaging takes a few seconds. */
const LIMIT_MS = 120_000;

try {
  const options = { stage: { type: "string" }, region: { type: "string" }, target: { type: "string" } } as const;
  const { target = "lambda", ...stack } = parseArgs({ options }).values;
  const args = Object.entries(stack).flatMap(([name, value]) => [`--${name}`, value]);
  if (target === "lambda") await osls(["package", ...args], LIMIT_MS);
  else if (target !== "server" && target !== "worker")
    throw new Error(`--target ${target}: must be lambda, server or worker`);
  else if (args.length > 0)
    throw new Error(`${args[0]} is for --target lambda: a ${target} reads its settings when it starts`);
  else if (target === "server") await packageServer(".server");
  else await packageWorker(".worker");
} catch (error) {
  process.stderr.write(`npm run package: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
