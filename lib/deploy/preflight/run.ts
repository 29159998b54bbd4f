import { secretsOf } from "#config/deployed.ts";
import { ConfigError } from "#config/env.ts";
import { awsIn, messageOf } from "./aws.ts";
import { checkConcurrency } from "./concurrency.ts";
import { checkCredentials } from "./credentials.ts";
import { type Deployment, readDeployment } from "./deployment.ts";
import { type Finding, notChecked, ok, problem } from "./finding.ts";
import { checkSmokeKey } from "./keys.ts";
import { checkReferences } from "./references.ts";
import { checkRegion } from "./region.ts";
import { checkSecret, type Values } from "./secret.ts";
import { checkServices, configOf } from "./services.ts";
import { checkSettings } from "./settings.ts";
import { checkSize } from "./size.ts";
import { checkStack } from "./stack.ts";

export interface PreflightOptions {
  stage: string;
  /** As given on the command line. */
  region: string | undefined;
  env: NodeJS.ProcessEnv;
}

/**
 * Checks what a deployment of the stage needs, and changes nothing. What depends on a failed check is not checked.
 *
 * @param report called with each finding
 */
export async function preflight(
  { stage, region, env }: PreflightOptions,
  report: (finding: Finding) => void,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const add = (...found: readonly Finding[]): void => {
    for (const finding of found) {
      findings.push(finding);
      report(finding);
    }
  };
  let deployment: Deployment;
  try {
    deployment = await readDeployment(["--stage", stage, ...(region ? ["--region", region] : [])], env);
  } catch (error) {
    add(problem("serverless.yml", messageOf(error), "correct what the message names; `npm run package` says the same"));
    return findings;
  }
  const regional = await checkRegion(region, env);
  add(ok("stage", `${stage}, of the stack ${deployment.stack}`), regional);
  if (regional.status !== "ok") {
    add(...checkSettings(deployment, undefined), notChecked("account", "without a region"));
    return findings;
  }
  const aws = awsIn(deployment.region);
  const credentials = await checkCredentials(aws);
  add(credentials);
  if (credentials.status !== "ok") {
    add(...checkSettings(deployment, undefined));
    add(notChecked("account", "without credentials: the secret, the services, the quota, the stack"));
    return findings;
  }
  const account = [checkConcurrency(aws, deployment), checkStack(aws, deployment), checkReferences(aws, deployment)];
  const secret = await checkSecret(aws, deployment);
  add(...secret.findings, ...checkSettings(deployment, secret.values));
  add(...(await checkWithSecret(deployment, secret.values, env)));
  for (const found of await Promise.all(account)) add(...[found].flat());
  return findings;
}

/** What needs the values of the secret. */
async function checkWithSecret(of: Deployment, values: Values | undefined, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  if (!values)
    return [notChecked("services", "without the secret: the size of the environment, the services, the keys")];
  const names = secretsOf(of.settings, of.deploy.secrets);
  const secrets = Object.fromEntries(names.flatMap((name) => (values[name] ? [[name, values[name]]] : [])));
  const sizes = checkSize(of, secrets);
  try {
    const config = configOf(of, secrets);
    const smoke = checkSmokeKey(values.RAG_SMOKE_KEY || env.RAG_SMOKE_KEY, config.access.keys);
    return [sizes, smoke, ...(await checkServices(config, of))];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [sizes, notChecked("services", "first correct the settings and the secret")];
  }
}
