import { homedir } from "node:os";
import { join } from "node:path";
import { loadSharedConfigFiles } from "@smithy/core/config";

export interface Region {
  name: string;
  /** What sets it, for messages. */
  source: string;
}

/** The options of osls that choose a region. */
export interface RegionOptions {
  region?: string | undefined;
  "aws-profile"?: string | undefined;
}

/**
 * The region in the order of the AWS command line: the option, AWS_REGION, AWS_DEFAULT_REGION, the profile's
 * (https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html); `undefined` when none is configured. There is
 * no default: a stack in a region that nobody named is hard to find.
 */
export async function configuredRegion(
  options: RegionOptions = {},
  env: NodeJS.ProcessEnv = process.env,
): Promise<Region | undefined> {
  if (options.region) return { name: options.region, source: "--region" };
  for (const source of ["AWS_REGION", "AWS_DEFAULT_REGION"]) {
    const name = env[source];
    if (name) return { name, source };
  }
  const folder = join(env.HOME || homedir(), ".aws");
  const { configFile, credentialsFile } = await loadSharedConfigFiles({
    configFilepath: env.AWS_CONFIG_FILE || join(folder, "config"),
    filepath: env.AWS_SHARED_CREDENTIALS_FILE || join(folder, "credentials"),
  });
  const profile = options["aws-profile"] || env.AWS_PROFILE || env.AWS_DEFAULT_PROFILE || "default";
  const name = credentialsFile[profile]?.region || configFile[profile]?.region;
  return name ? { name, source: `the AWS profile ${profile}` } : undefined;
}
