import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { readDeployedSettings } from "#config/deployed.ts";
import { OSLS } from "#deploy/stack/osls.ts";
import type { Plan } from "#deploy/stack/problems.ts";

/** Milliseconds; it takes two seconds. */
const LIMIT_MS = 60_000;

/** What would be deployed, as serverless.yml and the settings of the shell say. */
export interface Deployment {
  stage: string;
  region: string;
  /** Name of the CloudFormation stack. */
  stack: string;
  functions: DeployedFunction[];
  /** The environment of all functions, without secrets. */
  settings: Record<string, string>;
  /** Whether a function runs in a VPC, and may reach what this machine cannot. */
  inVpc: boolean;
  deploy: Plan["deploy"] & { alarms: boolean };
}

export interface DeployedFunction {
  /** The name on Lambda. */
  name: string;
  /** Reserved concurrency; 0 for none. */
  reserved: number;
  /** What only this function gets. */
  environment: Record<string, string>;
}

/** The used part of what `osls print` prints. */
interface Printed {
  service: string;
  provider: { region: string; stage: string; stackName?: string; environment?: Record<string, string>; vpc?: unknown };
  functions: Record<
    string,
    { name: string; reservedConcurrency?: number | null; environment?: Record<string, string>; vpc?: unknown }
  >;
  custom: { deploy: Deployment["deploy"] };
}

/**
 * Reads serverless.yml as packaging does.
 *
 * @param args of osls: `--stage` and `--region`
 * @throws Error with what osls says is wrong
 */
export async function readDeployment(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Deployment> {
  const options = { env, timeout: LIMIT_MS, maxBuffer: 16 * 1024 * 1024 };
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [OSLS, "print", "--format", "json", ...args],
      options,
    );
    return deploymentOf(JSON.parse(stdout) as Printed, env);
  } catch (cause) {
    const { stderr = "", message } = cause as { stderr?: string; message: string };
    throw new Error(stderr.trim() || message, { cause });
  }
}

function deploymentOf({ service, provider, functions, custom }: Printed, env: NodeJS.ProcessEnv): Deployment {
  const { stage, region, stackName = `${service}-${stage}`, environment = {} } = provider;
  const all = Object.values(functions);
  return {
    ...{ stage, region, stack: stackName, deploy: custom.deploy },
    functions: all.map(({ name, reservedConcurrency, environment = {} }) => ({
      ...{ name, reserved: reservedConcurrency ?? 0, environment },
    })),
    settings: { ...readDeployedSettings(env), ...environment },
    inVpc: [provider, ...all].some(({ vpc }) => vpc !== undefined && vpc !== null),
  };
}
