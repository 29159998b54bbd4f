import { secretsOf } from "#config/deployed.ts";
import { ConfigError } from "#config/env.ts";
import { namesOf } from "#deploy/stack/stages.ts";
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
  const known = checkStage(stage);
  add(known);
  if (known.status !== "ok") return findings;
  const regional = await checkRegion(region, env);
  add(regional);
  const isRegional = regional.status === "ok";
  const reading = readDeployment(["--stage", stage, ...(region ? ["--region", region] : [])], env);
  // It is awaited later, in the order of the report.
  reading.catch(() => {});
  const credentials = isRegional ? await checkCredentials(awsIn(regional.name)) : undefined;
  if (credentials) add(credentials);
  let deployment: Deployment;
  try {
    deployment = await reading;
  } catch (error) {
    add(problem("serverless.yml", messageOf(error), "correct what the message names; `npm run package` says the same"));
    return findings;
  }
  if (!isRegional || credentials?.status !== "ok") {
    const without = isRegional ? "credentials" : "a region";
    add(
      ...checkSettings(deployment, undefined),
      notChecked("account", `without ${without}: the secret, the services, the limits, the stack`),
    );
    return findings;
  }
  const aws = awsIn(deployment.region);
  const account = [checkConcurrency(aws, deployment), checkStack(aws, deployment), checkReferences(aws, deployment)];
  if (canNameSecrets(deployment)) {
    const secret = await checkSecret(aws, deployment);
    add(...secret.findings, ...checkSettings(deployment, secret.values));
    add(...(await checkWithSecret(deployment, secret.values, env)));
  } else add(...checkSettings(deployment, undefined), notChecked("secret", "first correct RAG_SECRETS"));
  for (const found of await Promise.all(account)) add(...[found].flat());
  return findings;
}

function checkStage(stage: string): Finding {
  try {
    return ok("stage", `${stage}, of the stack ${namesOf(stage).stack}`);
  } catch (error) {
    return problem("stage", messageOf(error), "give one of these stages, or add yours to serverless.yml");
  }
}

function canNameSecrets({ settings, deploy }: Deployment): boolean {
  try {
    secretsOf(settings, deploy.secrets);
    return true;
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
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
